import { createHmac } from "node:crypto";
import { Agent, type OutgoingHttpHeaders, request } from "node:http";
import { startWorld } from "../../src/simulator/world.js";
import { atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { look, until } from "../look.js";
import type { Running } from "../process.js";

/** S3: only what is signed with our secret, byte for byte, comes in; of all else the log says little, and nothing of its content. */
export const forgedSignatures: Experiment = {
  id: "S3",
  title: "forged signatures",
  inTests: true,
  controls: [
    {
      says: "any signature will do",
      file: "src/web/signature.ts",
      before: "matches.includes(true)",
      after: "matches.length > 0",
    },
    {
      says: "a signature in upper case is one",
      file: "src/web/signature.ts",
      before: "([0-9a-f]{64})$/",
      after: "([0-9a-f]{64})$/i",
    },
    {
      says: "the log tells the headers of what was refused",
      file: "src/web/intake.ts",
      before: "status: answer.status, reason: answer.refused }",
      after: "status: answer.status, reason: request.headers }",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const environment: Record<string, string> = { ...world.environment(), DATABASE_URL: url };
    const app = await campaign.start(environment);
    const secrets = { github: environment.WEBHOOK_SECRET ?? "", jira: environment.JIRA_WEBHOOK_SECRET ?? "" };
    const before = app.written().length;
    const forged = [...corpus(secrets), ...bitFlips(campaign, secrets.github)];
    const statuses = await sendAll(app.url, forged);
    const taken = forged.filter((_, index) => (statuses[index] ?? 500) < 300).map(({ name }) => name);
    const log = await figuresOfLog(app, { before, count: forged.length });
    const good = genuine(secrets);
    const refused = (await sendAll(app.url, good))
      .map((status, index) => (status < 300 ? "" : good[index]?.name))
      .filter(Boolean);
    const [row] = await look<{ n: number }>(url, "select count(*) as n from inbox");
    return [
      exactly(
        `forged deliveries taken, of ${forged.length}${taken
          .slice(0, 5)
          .map((name) => `; ${name}`)
          .join("")}`,
        taken.length,
        0,
      ),
      exactly("forged deliveries not answered with 4xx", statuses.filter((status) => status < 400 || status > 499).length, 0),
      ...log,
      exactly("genuine deliveries refused, with a byte order mark or bytes that are no text", refused.join(", ") || 0, 0),
      exactly("deliveries stored", row?.n ?? 0, good.length),
    ];
  },
};

interface Forged {
  readonly name: string;
  readonly source: "github" | "jira";
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}
type Secrets = Readonly<Record<Forged["source"], string>>;

const CANARY = "canary-7f3a";
const BODY = JSON.stringify({ action: "opened", title: `Größe — 尺寸 ${CANARY}`, note: CANARY.repeat(2000) });
const BOM = "\ufeff";

const hmac = (body: string | Buffer, secret: string, algorithm = "sha256"): string =>
  createHmac(algorithm, secret).update(body).digest("hex");
const sign = (body: string | Buffer, secret: string): string => `sha256=${hmac(body, secret)}`;

/** In which header the one and the other signs, and in which neither does. */
const HEADERS = { github: "x-hub-signature-256", jira: "x-hub-signature" } as const;

let count = 0;
function forge(
  source: Forged["source"],
  name: string,
  signature: string | string[] | undefined,
  body: string | Buffer = BODY,
): Forged {
  const id = `${CANARY}-${++count}`;
  const names =
    source === "github" ? { "x-github-delivery": id, "x-github-event": CANARY } : { "x-atlassian-webhook-identifier": id };
  const headers = { "content-type": "application/json", "x-other": CANARY, ...names };
  return {
    name,
    source,
    body: Buffer.from(body),
    headers: signature === undefined ? headers : { ...headers, [HEADERS[source]]: signature },
  };
}

/** What is no signature of this body, though it may look like one, or may have been one elsewhere. */
function wrongSignatures(secret: string): Readonly<Record<string, string | string[] | undefined>> {
  const hex = hmac(BODY, secret);
  const good = `sha256=${hex}`;
  const sha1 = hmac(BODY, secret, "sha1");
  const sha512 = hmac(BODY, secret, "sha512");
  return {
    ...{ missing: undefined, empty: "", blank: " ", "no digits": "sha256=", "only the name": "sha256", "equals sign": "=" },
    ...{ "only the digits": hex, sha1: `sha1=${sha1}`, "sha1 by name": `sha1=${hex}`, "sha1 as sha256": `sha256=${sha1}` },
    ...{ sha512: `sha512=${sha512}`, "sha512 as sha256": `sha256=${sha512}`, "cut sha512": `sha256=${sha512.slice(0, 64)}` },
    ...{ "name in capitals": `SHA256=${hex}`, "name begun with a capital": `Sha256=${hex}`, "another name": `sha-256=${hex}` },
    ...{ "a colon": `sha256:${hex}`, "a space before": `sha256 =${hex}`, "a space behind": `sha256= ${hex}` },
    ...{ "digits in capitals": `sha256=${hex.toUpperCase()}`, "63 digits": good.slice(0, -1), "62 digits": good.slice(0, -2) },
    ...{
      "65 digits": `${good}0`,
      "66 digits": `${good}00`,
      "a letter too far": `${good.slice(0, -1)}g`,
      "0x": `sha256=0x${hex.slice(2)}`,
    },
    ...{ zeros: `sha256=${"0".repeat(64)}`, base64: `sha256=${Buffer.from(hex, "hex").toString("base64")}` },
    ...{
      twice: `${good},${good}`,
      "twice with a space": `${good}, ${good}`,
      "after sha1": `sha1=${sha1}, ${good}`,
      quoted: `"${good}"`,
    },
    ...{
      "two headers": [good, good],
      "a wrong and a good header": [`sha256=${"0".repeat(64)}`, good],
      "a good and a wrong header": [good, `sha256=${"0".repeat(64)}`],
    },
    ...{
      "64 kB": `sha256=${"0".repeat(8000)}`,
      "no secret": sign(BODY, ""),
      "Probot's default secret": sign(BODY, "development"),
    },
    ...{ "a secret with a space": sign(BODY, `${secret} `), "a secret cut short": sign(BODY, secret.slice(0, -1)) },
    ...{
      "a secret in capitals": sign(BODY, secret.toUpperCase()),
      "the secret's bytes": sign(BODY, Buffer.from(secret, "hex").toString("latin1")),
    },
    ...{
      "another body": sign(`${BODY}\n`, secret),
      "the body with a mark": sign(`${BOM}${BODY}`, secret),
      "no body": sign("", secret),
    },
    ...{
      "the body written anew": sign(JSON.stringify(JSON.parse(BODY), null, 1), secret),
      latin1: sign(Buffer.from(BODY, "latin1"), secret),
    },
  };
}

function corpus(secrets: Secrets): Forged[] {
  const both = (["github", "jira"] as const).flatMap((source) => {
    const wrong = Object.entries(wrongSignatures(secrets[source])).map(([name, signature]) => forge(source, name, signature));
    const other = source === "github" ? secrets.jira : secrets.github;
    return [...wrong, forge(source, "the other's secret", sign(BODY, other))];
  });
  const signature = sign(BODY, secrets.github);
  const marked = Buffer.from(`${BOM}${BODY}`);
  const moved = forge("github", "in the old header", undefined);
  return [
    ...both,
    forge("github", "signed without its mark", signature, marked),
    forge("github", "sent twice over", signature, `${BODY}${BODY}`),
    forge("github", "sent with a line end", signature, `${BODY}\n`),
    { ...moved, headers: { ...moved.headers, "x-hub-signature": signature } },
  ];
}

/** Each with one bit of its signature or of its body turned. */
function bitFlips({ random, of }: Campaign, secret: string): Forged[] {
  const short = Buffer.from(JSON.stringify({ action: "opened", title: CANARY }));
  const signature = Buffer.from(hmac(short, secret), "hex");
  const flipped = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    const bit = Math.floor(random() * copy.length * 8);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return copy;
  };
  return Array.from({ length: of(10_000, 300) }, (_, index) =>
    index % 2 === 0
      ? forge("github", `flip ${index}`, `sha256=${flipped(signature).toString("hex")}`, short)
      : forge("github", `flip ${index}`, `sha256=${signature.toString("hex")}`, flipped(short)),
  );
}

/** What has to be taken, however odd. */
function genuine(secrets: Secrets): Forged[] {
  const bodies = {
    plain: Buffer.from(BODY),
    mark: Buffer.from(`${BOM}${BODY}`),
    "no text": Buffer.from([0xff, 0, 0xfe, 0x0a]),
  };
  return Object.entries(bodies).flatMap(([name, body]) =>
    (["github", "jira"] as const).map((source) => forge(source, `${name} (${source})`, sign(body, secrets[source]), body)),
  );
}

const SENDERS = 24;

/** The statuses, in order; 0 when no answer came. */
async function sendAll(appUrl: string, all: readonly Forged[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const statuses: number[] = [];
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let index = next++; index < all.length; index = next++) {
      const one = all[index];
      if (one) statuses[index] = await statusOf(appUrl, one, agent);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  agent.destroy();
  return statuses;
}

function statusOf(appUrl: string, { source, headers, body }: Forged, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const all = { ...headers, "content-length": body.length };
    const sending = request(new URL(`/api/${source}/webhooks`, appUrl), { method: "POST", headers: all, agent }, (response) => {
      response.resume().once("close", () => resolve(response.statusCode ?? 0));
    });
    sending.once("error", () => resolve(0)).end(body);
  });
}

/** What the log says of those that were refused. */
async function figuresOfLog(
  app: Running,
  { before, count }: { readonly before: number; readonly count: number },
): Promise<Figure[]> {
  const lines = () => app.written().slice(before).split("\n").filter(Boolean);
  await until("every refusal is logged", () => lines().length >= count).catch(() => undefined);
  const bytes = lines().map((line) => Buffer.byteLength(line) + 1);
  const told = lines().filter((line) => line.includes(CANARY) || /[0-9a-f]{32}/i.test(line));
  return [
    exactly("lines in the log", bytes.length, count),
    atMost("the longest of them", Math.max(0, ...bytes), 300, " bytes"),
    exactly("of them with something of a body, of a header or of a signature", told.length, 0),
  ];
}
