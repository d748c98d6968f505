import fc from "fast-check";
import { expect, test } from "vitest";
import { type Event, merge } from "../../src/core/event.js";
import { jiraSource } from "../../src/jira/deliveries.js";
import { eventsOfIssue } from "../../src/jira/issue.js";
import { BASE_URL, delivery, history, issue, NOW } from "./build.js";

const STATUSES = ["Open", "开发中", "Code Review", "Closed"].map((name, index) => ({
  id: String(10000 + index),
  name,
  statusCategory: { key: ["new", "indeterminate", "indeterminate", "done"][index] },
}));
const COMPARED = new Set(["ticket.created", "ticket.status", "ticket.field"]);

const field = fc.record(
  {
    field: fc.constantFrom("assignee", "Fix Version", "Sprint", "Workflow", "description", "Story Points", "Key"),
    fieldtype: fc.constantFrom("jira", "custom"),
    from: fc.oneof(fc.constant(null), fc.constant(""), fc.nat()),
    to: fc.oneof(fc.constant(null), fc.constant(""), fc.nat().map(String)),
    toString: fc.oneof(fc.constant(null), fc.string({ maxLength: 300 })),
  },
  { requiredKeys: ["field"] },
);
const step = fc.record({
  after: fc.integer({ min: 0, max: 86_400_000 }),
  fields: fc.array(field, { maxLength: 4 }),
  move: fc.option(fc.integer({ min: 0, max: STATUSES.length - 1 })),
  bot: fc.boolean(),
});
const life = fc.record({ start: fc.integer({ min: 0, max: STATUSES.length - 1 }), steps: fc.array(step, { maxLength: 12 }) });

type Life = typeof life extends fc.Arbitrary<infer Value> ? Value : never;

/** The same life twice: the webhooks of its steps, and what REST answers at its end. */
function play({ start, steps }: Life) {
  const begin = Date.UTC(2024, 0, 1);
  let at = begin;
  let status = STATUSES[start];
  const now = () => issue({ created: new Date(begin).toISOString(), updated: new Date(at).toISOString(), status });
  const webhooks: unknown[] = [{ timestamp: at, webhookEvent: "jira:issue_created", issue: now() }];
  const histories: unknown[] = [];
  steps.forEach(({ after, fields, move, bot }, index) => {
    at += after;
    const from = status;
    const to = move === null ? undefined : STATUSES[move];
    status = to ?? status;
    const moved = to && { field: "status", from: from?.id, fromString: from?.name, to: to.id, toString: to.name };
    const items = moved ? [...fields, moved] : fields;
    const author = bot ? { displayName: "Rule", accountType: "app" } : { displayName: "Ada", accountType: "atlassian" };
    const changelog = { id: String(500 + index), items };
    webhooks.push({ timestamp: at, webhookEvent: "jira:issue_updated", user: author, issue: now(), changelog });
    histories.unshift({ ...history(changelog.id, at, ...items), author });
  });
  return { webhooks, issue: now(), histories };
}

function merged(events: readonly Event[]): Map<string, Event> {
  const kept = new Map<string, Event>();
  for (const event of events.filter(({ type }) => COMPARED.has(type))) {
    const known = kept.get(event.id);
    kept.set(event.id, known ? merge(known, event) : event);
  }
  return kept;
}

test("webhooks and the REST API tell the same ids and the same facts of any history, in any order", () => {
  const source = jiraSource({ baseUrl: BASE_URL });
  const shuffled = life.chain((value) => {
    const { webhooks, ...rest } = play(value);
    return fc.record({ webhooks: fc.shuffledSubarray(webhooks, { minLength: webhooks.length }), rest: fc.constant(rest) });
  });
  fc.assert(
    fc.property(shuffled, ({ webhooks, rest }) => {
      const told = webhooks.flatMap((webhook) => source.read(delivery(webhook))?.events ?? []);
      const read = eventsOfIssue(rest.issue, rest.histories, { baseUrl: BASE_URL, readAt: NOW });
      expect(merged(told)).toEqual(merged(read));
      expect(new Set(read.map(({ id }) => id)).size).toBe(read.length);
    }),
  );
});
