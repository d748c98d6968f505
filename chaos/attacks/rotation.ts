import { createHmac } from "node:crypto";
import { pick } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { type Campaign, type Experiment, exactly } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { endless, isTaken, type Sent, send, signedWith } from "../senders.js";

/** S2: while a secret is changed both are taken, under load; no third one ever is, nor the old one when it is given up. */
export const rotation: Experiment = {
  id: "S2",
  title: "secrets change under load",
  inTests: true,
  controls: [
    {
      says: "only the first secret is tried",
      file: "src/web/signature.ts",
      before: "secrets.map((secret)",
      after: "secrets.slice(0, 1).map((secret)",
    },
    {
      says: "any signature will do",
      file: "src/web/signature.ts",
      before: "matches.includes(true)",
      after: "matches.length > 0",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(10, 3));
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const base: Record<string, string> = { ...world.environment(), DATABASE_URL: url };
    const old = { github: base.WEBHOOK_SECRET ?? "", jira: base.JIRA_WEBHOOK_SECRET ?? "" };
    const fresh = { github: "the new secret of GitHub's webhook", jira: "the new secret of Jira's webhook" };
    const third = { github: old.jira, jira: fresh.github };
    const changed = { ...base, WEBHOOK_SECRET: fresh.github, JIRA_WEBHOOK_SECRET: fresh.jira };
    const both = { ...changed, WEBHOOK_SECRET_PREVIOUS: old.github, JIRA_WEBHOOK_SECRET_PREVIOUS: old.jira };

    const good = campaign.of(10_000, 400);
    const bad = good / 10;
    const during = await sendTo(campaign, both, [
      ...some(webhooks, { count: good, name: "good", secretOf: (source) => pick(campaign.random, [old, fresh])[source] }),
      ...some(webhooks, { count: bad, name: "bad", secretOf: (source) => third[source] }),
    ]);
    const given = campaign.of(500, 50);
    const after = await sendTo(campaign, changed, [
      ...some(webhooks, { count: given, name: "good-after", secretOf: (source) => fresh[source] }),
      ...some(webhooks, { count: given, name: "bad-after", secretOf: (source) => old[source] }),
    ]);
    const all = [...during, ...after];
    return [
      exactly(`signed with the old or the new secret and refused, of ${good}`, refused(during, "good-"), 0),
      exactly(`signed with a third secret and not answered with 401, of ${bad}`, not401(during, "bad-"), 0),
      exactly(`the old one given up: signed with the new one and refused, of ${given}`, refused(after, "good-after"), 0),
      exactly(`the old one given up: signed with it and not answered with 401, of ${given}`, not401(after, "bad-after"), 0),
      exactly("deliveries that got no answer", all.filter(({ status }) => status === null).length, 0),
    ];
  },
};

type SecretOf = (source: Webhook["source"]) => string;

/** So many of the webhooks, again and again, each under an id of its own, signed anew. */
function some(
  webhooks: readonly Webhook[],
  { count, name, secretOf }: { readonly count: number; readonly name: string; readonly secretOf: SecretOf },
): Webhook[] {
  const all: Webhook[] = [];
  for (const webhook of endless(webhooks, name)) {
    if (all.length === count) break;
    all.push(signedWith(webhook, secretOf(webhook.source)));
  }
  return all;
}

/** From many senders at once, mixed. */
async function sendTo(
  campaign: Campaign,
  environment: Readonly<Record<string, string>>,
  webhooks: readonly Webhook[],
): Promise<Sent[]> {
  const app = await campaign.start(environment);
  const sent = await send(
    app.url,
    webhooks.toSorted((one, other) => orderOf(one) - orderOf(other)),
  );
  await app.end("SIGTERM");
  return sent;
}

/** No order that the app could know of. */
const orderOf = ({ id }: Webhook): number => createHmac("sha256", "order").update(id).digest().readUInt32BE();

const called = (all: readonly Sent[], name: string): Sent[] => all.filter(({ webhook: { id } }) => id.includes(`-${name}`));
const refused = (all: readonly Sent[], name: string): number => called(all, name).filter((sent) => !isTaken(sent)).length;
const not401 = (all: readonly Sent[], name: string): number => called(all, name).filter(({ status }) => status !== 401).length;
