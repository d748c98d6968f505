import { shuffled } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { type Campaign, type Experiment, exactly } from "../experiment.js";
import { commentsOf, liveSomeWeeks } from "../lives.js";
import { finished, look } from "../look.js";
import { isTaken, send, underAnotherId } from "../senders.js";

/** S6: what was delivered once is delivered again, as it was, under another id, and long after: nothing changes. */
export const replayed: Experiment = {
  id: "S6",
  title: "replay",
  inTests: true,
  controls: [
    {
      says: "of two sightings of a fact the later holds",
      file: "src/core/event.ts",
      before: "1 : 0, -at];",
      after: "1 : 0, at];",
    },
    {
      says: "an event is called by its delivery",
      file: "src/github/observed.ts",
      before: "    id,\n    ref,",
      after: "    id: id.concat(String(Math.random())),\n    ref,",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(40, 4));
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
    const results = async () => {
      await finished(url);
      const items = await look(url, "select ref, data from items order by ref");
      const facts = await look<Fact>(url, `select id, at from events where type not in (${READ}) order by id`);
      return {
        items: JSON.stringify(items),
        facts,
        comments: JSON.stringify([...commentsOf(world)].sort()),
      };
    };
    await send(app.url, webhooks, { senders: 1 });
    const before = await results();
    const replays = [...again(campaign, webhooks)];
    const sent = await send(app.url, replays);
    const after = await results();
    return [
      exactly(`replays that were not answered with 2xx, of ${replays.length}`, sent.filter((one) => !isTaken(one)).length, 0),
      exactly("reports (items, by their bytes) that a replay changed", Number(before.items !== after.items), 0),
      exactly("events whose time a replay changed", changed(before.facts, after.facts), 0),
      exactly("comments that a replay changed", Number(before.comments !== after.comments), 0),
    ];
  },
};

/** The ids of the events that were told of otherwise before. */
function changed(before: readonly Fact[], after: readonly Fact[]): string | number {
  const known = new Map(before.map(({ id, at }) => [id, at]));
  return (
    after
      .filter(({ id, at }) => known.get(id) !== at)
      .map(({ id }) => id)
      .join(", ") || 0
  );
}

interface Fact {
  readonly id: string;
  readonly at: number;
}

/** What says when we read it, or that we did. */
const READ =
  "'commits.compared', 'ticket.history', 'site.projects', 'configuration.read', 'status.category', 'pull-request.commits'";

/**
 * The same id; the same body under a new id. What was delivered days ago is no different to the app: a signature carries no time.
 * All the history is weeks old by the clock of this machine.
 */
function again({ random }: Campaign, webhooks: readonly Webhook[]): Webhook[] {
  return shuffled(random, [...webhooks, ...webhooks.map((webhook) => underAnotherId(webhook, "again"))]);
}
