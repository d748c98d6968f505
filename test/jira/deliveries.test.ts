import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/event.js";
import { Unreadable } from "../../src/core/failure.js";
import { SHARED } from "../../src/core/ref.js";
import { jiraSource } from "../../src/jira/deliveries.js";
import type { Reading } from "../../src/ports.js";
import { BASE_URL, delivery, issue, move, NOW, updated, WORKFLOW } from "./build.js";

const source = jiraSource({ baseUrl: BASE_URL });
const CREATED_AT = Date.UTC(2024, 4, 6, 9, 50);

function read(payload: unknown): Reading {
  const reading = source.read(delivery(payload));
  if (!reading) throw new Error("the delivery was passed over");
  return reading;
}
const byId = (events: readonly Event[], id: string): Event | undefined => events.find((event) => event.id === id);
const types = (events: readonly Event[]): string[] => events.map(({ type }) => type).toSorted();

describe("a created ticket", () => {
  const created = { timestamp: NOW, webhookEvent: "jira:issue_created", issue: issue() };

  test("tells of its creation, its first status, what it is and the category of its status", () => {
    const reading = read(created);
    expect(reading).toMatchObject({ owner: SHARED, notifies: "jira:issue:10063:created", wants: [] });
    expect(types(reading.events)).toEqual(["status.category", "ticket.created", "ticket.described", "ticket.status"]);
    expect(byId(reading.events, "jira:issue:10063:created")).toEqual({
      id: "jira:issue:10063:created",
      type: "ticket.created",
      ref: "jira:issue:10063",
      url: "https://jira.example/browse/PROP-1460",
      at: CREATED_AT,
      precision: "exact",
      reader: 1,
      actor: { login: "Ada", bot: false },
    });
    expect(byId(reading.events, "jira:issue:10063:status:initial")).toMatchObject({
      at: CREATED_AT,
      status: { id: "3", name: "In Progress" },
      initial: true,
      migrated: false,
    });
    expect(byId(reading.events, "jira:status:3:category")).toMatchObject({
      ref: "jira:status:3",
      at: NOW,
      category: "in-progress",
    });
  });

  test("is described as of its last update", () => {
    const fields = {
      resolution: { name: "完成" },
      fixVersions: [{ id: 10026, name: "v2.7.0", released: true }],
      labels: ["Saas"],
    };
    expect(byId(read({ ...created, issue: issue(fields) }).events, "jira:issue:10063:described")).toMatchObject({
      at: Date.UTC(2024, 4, 6, 10),
      key: "PROP-1460",
      title: "Sell more",
      issueType: "Story",
      level: 0,
      project: "PROP",
      status: { id: "3", name: "In Progress" },
      resolution: "完成",
      fixVersions: [{ id: "10026", name: "v2.7.0" }],
      labels: ["Saas"],
    });
  });

  test("without its last update is described as of the webhook", () => {
    const { events } = read({ ...created, issue: issue({ updated: undefined }) });
    expect(byId(events, "jira:issue:10063:described")?.at).toBe(NOW);
  });

  test.each([
    [{ name: "Sub-task", subtask: true }, -1],
    [{ name: "Epic", subtask: false, hierarchyLevel: 1 }, 1],
    [{ name: "Story", subtask: false }, 0],
    [{ name: "Story" }, 0],
  ])("of type %j has level %i", (issuetype, level) => {
    const { events } = read({ ...created, issue: issue({ issuetype }) });
    expect(byId(events, "jira:issue:10063:described")).toMatchObject({ level });
  });

  test.each([
    ["new", "to-do"],
    ["indeterminate", "in-progress"],
    ["done", "done"],
    ["undefined", null],
  ])("whose status is of Jira's category %s is of category %s", (key, category) => {
    const status = { id: 3, name: "进行中", statusCategory: { key } };
    expect(byId(read({ ...created, issue: issue({ status }) }).events, "jira:status:3:category")).toMatchObject({ category });
  });

  test("may have ids that are numbers", () => {
    const numbered = { ...issue(), id: 10063 };
    expect(read({ ...created, issue: numbered }).notifies).toBe("jira:issue:10063:created");
  });

  test("created by an app is created by a bot", () => {
    const creator = { displayName: "Automation", accountType: "app" };
    const { events } = read({ ...created, issue: issue({ creator }) });
    expect(byId(events, "jira:issue:10063:created")?.actor).toEqual({ login: "Automation", bot: true });
  });
});

describe("a ticket's fix versions", () => {
  const released = { id: 10026, name: "v2.7.0", released: true, releaseDate: "2024-05-01" };
  const told = (fixVersions: object[]) =>
    read(updated(undefined, { issue: issue({ fixVersions }) })).events.filter(({ type }) => type.startsWith("version."));

  test("are told of with it, and when they were released, as a read tells it", () => {
    expect(told([released])).toMatchObject([
      { type: "version.described", id: "jira:version:10026:described", at: NOW, name: "v2.7.0", released: true },
      { type: "version.released", id: "jira:version:10026:released", at: Date.UTC(2024, 4, 1), precision: "day" },
    ]);
    expect(told([released])[0]).not.toHaveProperty("readAt");
  });

  test("are not released because a date is planned", () => {
    expect(told([{ ...released, released: false }])).toMatchObject([{ type: "version.described", released: false }]);
  });
});

describe("an updated ticket", () => {
  test("tells of its move, at the webhook's time and by its actor", () => {
    const reading = read(updated({ id: "77", items: [{ field: "assignee", toString: "Ada" }, move("Open", "Closed")] }));
    expect(reading.notifies).toBe("jira:issue:10063:status:77");
    expect(byId(reading.events, "jira:issue:10063:status:77")).toMatchObject({
      at: NOW,
      actor: { login: "Bob", bot: false },
      status: { id: "16", name: "Closed" },
      from: { id: "14", name: "Open" },
      migrated: false,
      initial: false,
    });
    expect(byId(reading.events, "jira:issue:10063:field:77:assignee")).toMatchObject({ field: "assignee", to: "Ada" });
    expect(byId(reading.events, "jira:issue:10063:status:initial")).toBeUndefined();
  });

  test("moved by a migration of its workflow says so", () => {
    const { events } = read(updated({ id: "77", items: [move("Open", "Closed"), WORKFLOW] }));
    expect(byId(events, "jira:issue:10063:status:77")).toMatchObject({ migrated: true });
  });

  test("moved to a status that has lost its name is in the status by its id", () => {
    const { events } = read(updated({ id: "77", items: [{ field: "status", from: "1", fromString: null, to: "10029" }] }));
    expect(byId(events, "jira:issue:10063:status:77")).toMatchObject({
      status: { id: "10029", name: "10029" },
      from: { id: "1", name: "1" },
    });
  });

  test("with several changes of one kind in an entry keeps them all", () => {
    const items = [
      move("Open", "Review"),
      move("Review", "Closed"),
      { field: "Fix Version", from: "1", fromString: "v1", to: null, toString: null },
      { field: "Fix Version", from: null, fromString: null, to: "2", toString: "v2" },
    ];
    const { events } = read(updated({ id: "77", items }));
    expect(byId(events, "jira:issue:10063:status:77:1")).toMatchObject({ status: { name: "Closed" } });
    expect(byId(events, "jira:issue:10063:field:77:fix version")).toMatchObject({ to: null });
    expect(byId(events, "jira:issue:10063:field:77:fix version:1")).toMatchObject({ to: "v2" });
  });

  test.each([
    [{ field: "Sprint", fieldtype: "custom", from: "", to: "34", fromString: null, toString: null }, "34"],
    [{ field: "Sprint", fieldtype: "custom", from: "34", to: "", fromString: "S1", toString: "" }, null],
    [{ field: "Points", fieldtype: "custom", from: null, to: null }, null],
    [{ field: "Key", from: null, fromString: "OLD-1", to: null, toString: "PROP-1460" }, "PROP-1460"],
    [{ field: "status", fieldtype: "custom", from: null, to: null, toString: "red" }, "red"],
    [{ field: "Link", fieldtype: "custom", from: null, to: null, toString: "blue" }, "blue"],
    [{ field: "summary", toString: "x".repeat(255) }, "x".repeat(255)],
  ])("keeps the field change %j", (item, to) => {
    const { events } = read(updated({ id: "77", items: [item] }));
    const id = `jira:issue:10063:field:77:${item.field.toLowerCase()}`;
    expect(byId(events, id)).toMatchObject({ type: "ticket.field", field: item.field, to });
  });

  test("keeps the key that it had before it was moved, of Jira's own field alone", () => {
    const item = { field: "Key", from: null, fromString: "OLD-1", to: null, toString: "PROP-1460" };
    const moved = (of: object) =>
      byId(read(updated({ id: "77", items: [{ ...item, ...of }] })).events, "jira:issue:10063:field:77:key");
    expect(moved({ fieldtype: "jira" })).toMatchObject({ to: "PROP-1460", formerKey: "OLD-1" });
    expect(moved({ fieldtype: "custom" })).not.toHaveProperty("formerKey");
    expect(moved({ fromString: "" })).not.toHaveProperty("formerKey");
  });

  test.each(["description", "Comment", "environment", "Attachment", "Link", "RemoteIssueLink", "WorklogId"])(
    "keeps nothing of its %s",
    (field) => {
      expect(types(read(updated({ id: "77", items: [{ field, toString: "text" }] })).events)).not.toContain("ticket.field");
    },
  );

  test("keeps no value of more than 255 characters", () => {
    const { events } = read(updated({ id: "77", items: [{ field: "Notes", toString: "x".repeat(256) }] }));
    expect(types(events)).not.toContain("ticket.field");
  });

  test("by a comment alone notifies of the ticket as it is", () => {
    const reading = read(updated());
    expect(reading.notifies).toBe("jira:issue:10063:described");
    expect(types(reading.events)).toEqual(["status.category", "ticket.created", "ticket.described"]);
  });

  test("by nobody has no actor", () => {
    const { events } = read(updated({ id: "77", items: [move("Open", "Closed")] }, { user: null }));
    expect(byId(events, "jira:issue:10063:status:77")).not.toHaveProperty("actor");
  });
});

test("a deleted ticket is deleted, whatever else its webhook lacks", () => {
  const reading = read({ timestamp: NOW, webhookEvent: "jira:issue_deleted", issue: { id: "10063", key: "PROP-1460" } });
  expect(reading.notifies).toBe("jira:issue:10063:deleted");
  expect(reading.events).toMatchObject([{ type: "ticket.deleted", at: NOW, ref: "jira:issue:10063" }]);
});

describe("a version", () => {
  const version = { id: 10026, name: "v2.7.0", released: false, releaseDate: "2024-05-01" };

  test.each([
    ["jira:version_released", "version.released", "jira:version:10026:released:2024-05-06T12:00:00Z", true],
    ["jira:version_unreleased", "version.unreleased", "jira:version:10026:unreleased:2024-05-06T12:00:00Z", false],
  ])("told by %s is marked at that moment", (webhookEvent, type, id, released) => {
    const reading = read({ timestamp: NOW, webhookEvent, version });
    expect(reading.notifies).toBe(id);
    expect(reading.events).toMatchObject([
      { type, id, at: NOW, precision: "exact", ref: "jira:version:10026" },
      { type: "version.described", id: "jira:version:10026:described", at: NOW, name: "v2.7.0", released },
    ]);
  });

  test.each(["jira:version_created", "jira:version_updated"])("told by %s is described only", (webhookEvent) => {
    const { events } = read({ timestamp: NOW, webhookEvent, version });
    expect(events).toMatchObject([{ type: "version.described", released: false }]);
  });
});

describe("a webhook that does not concern us", () => {
  test.each(["comment_created", "jira:worklog_updated", "sprint_started", "toString", 7, undefined])(
    "of type %s is passed over",
    (webhookEvent) => {
      expect(source.read(delivery({ timestamp: NOW, webhookEvent, issue: issue() }))).toBeNull();
    },
  );

  test.each(["null", "[]", "7", '"jira:issue_created"'])("that is %s is passed over", (body) => {
    expect(source.read(delivery(body))).toBeNull();
  });
});

describe("a webhook that lacks what we read", () => {
  test.each([
    [updated({ id: "77", items: [{ toString: "x" }] }), "changelog.items.0.field: ", "expected string, received undefined"],
    [updated({ id: null, items: [] }), "changelog.id: ", "expected an id, received null"],
    [updated(undefined, { timestamp: "soon" }), "timestamp: ", "expected number, received string"],
    [updated(undefined, { issue: issue({ created: "2024-02-30T00:00:00.000+0800" }) }), "issue.fields.created: ", "other text"],
    [updated(undefined, { issue: issue({ created: undefined }) }), "issue.fields.created: ", "received undefined"],
    [updated(undefined, { issue: issue({ status: null }) }), "issue.fields.status: ", "expected object, received null"],
    [updated({ id: "77", items: [{ field: "status", from: "1" }] }), "jira:issue:10063:status:77", "received none"],
    [{ timestamp: NOW, webhookEvent: "jira:version_updated", version: { id: 1, name: "v" } }, "version.released: ", "boolean"],
  ])("is unreadable and says what is missing (%#)", (payload, path, problem) => {
    const reading = () => source.read(delivery(payload));
    expect(reading).toThrow(Unreadable);
    expect(reading).toThrow(path);
    expect(reading).toThrow(problem);
  });

  test("is unreadable when it is no JSON, and quotes nothing of it", () => {
    expect(() => source.read(delivery('{"secret'))).toThrow("expected a webhook of Jira in JSON, received 8 bytes");
  });
});
