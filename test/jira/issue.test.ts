import { expect, test } from "vitest";
import { type Event, type EventType, merge, only } from "../../src/core/event.js";
import { Unreadable } from "../../src/core/failure.js";
import { jiraSource } from "../../src/jira/deliveries.js";
import { eventsOfIssue } from "../../src/jira/issue.js";
import { BASE_URL, delivery, history, issue, move, NOW, updated, WORKFLOW } from "./build.js";

const MINUTE = 60_000;
const read = (histories: readonly unknown[] = [], fields = {}): Event[] =>
  eventsOfIssue(issue(fields), histories, { baseUrl: BASE_URL, readAt: NOW });
const one = (events: readonly Event[], type: EventType): Event | undefined => only(events, type)[0];

test("a ticket that never moved began in the status it is in", () => {
  expect(one(read(), "ticket.status")).toMatchObject({
    id: "jira:issue:10063:status:initial",
    at: Date.UTC(2024, 4, 6, 9, 50),
    status: { id: "3", name: "In Progress" },
    initial: true,
  });
});

test("a ticket that moved began where its earliest move came from, whatever the order of its changelog", () => {
  const newestFirst = [
    history("9", NOW, move("Review", "Closed")),
    history("8", NOW - MINUTE, move("Doing", "Review")),
    history("7", NOW - MINUTE, move("Open", "Doing")),
  ];
  const statuses = only(read(newestFirst), "ticket.status").map(({ status }) => status.name);
  expect(statuses).toEqual(["Open", "Doing", "Review", "Closed"]);
  expect(read(newestFirst.toReversed())).toEqual(read(newestFirst));
});

test("a bulk migration of workflows moves nobody", () => {
  const events = read([history("7", NOW, move("Closed", "已完成"), WORKFLOW), history("8", NOW, WORKFLOW)]);
  expect(only(events, "ticket.status").map(({ migrated }) => migrated)).toEqual([false, true]);
});

test("the ticket and its history are stamped with the time of reading", () => {
  const events = read();
  expect(one(events, "ticket.described")).toMatchObject({ at: Date.UTC(2024, 4, 6, 10), readAt: NOW });
  expect(one(events, "ticket.history")).toMatchObject({ id: "jira:issue:10063:history", at: NOW, readAt: NOW });
});

test("a released version counts from the day of its release date", () => {
  const fixVersions = [{ id: "10026", name: "v2.7.0", released: true, releaseDate: "2024-05-01" }];
  const events = read([], { fixVersions });
  expect(one(events, "version.described")).toMatchObject({ name: "v2.7.0", released: true, at: NOW, readAt: NOW });
  expect(one(events, "version.released")).toMatchObject({
    id: "jira:version:10026:released",
    at: Date.UTC(2024, 4, 1),
    precision: "day",
  });
});

test.each([
  { released: false, releaseDate: "2024-05-01" },
  { releaseDate: "2024-05-01" },
  { released: true },
  { released: true, releaseDate: null },
  { released: true, releaseDate: "2024-06-01" },
  { released: true, releaseDate: "1/May/24" },
])("a version that is %j has no day of release", (version) => {
  const events = read([], { fixVersions: [{ id: "10026", name: "v2.7.0", ...version }] });
  expect(one(events, "version.described")).toBeDefined();
  expect(one(events, "version.released")).toBeUndefined();
});

test("a moved ticket keeps its facts under its id and takes its new key", () => {
  const items = [
    { field: "Key", fieldtype: "jira", from: null, fromString: "OLD-9", to: null, toString: "PROP-1460" },
    { field: "project", fieldtype: "jira", from: "1", fromString: "Old", to: "2", toString: "Property" },
  ];
  const before = { timestamp: NOW - MINUTE, webhookEvent: "jira:issue_created", issue: issue({}, "OLD-9") };
  const told = jiraSource({ baseUrl: BASE_URL }).read(delivery(before))?.events ?? [];
  const events = read([history("7", NOW, ...items)]);
  for (const event of events.filter(({ type }) => type === "ticket.created")) {
    const older = told.find(({ id }) => id === event.id);
    expect({ ...older, url: event.url }).toEqual(event);
  }
  expect(one(events, "ticket.described")).toMatchObject({ key: "PROP-1460", url: "https://jira.example/browse/PROP-1460" });
  expect(only(events, "ticket.field").map(({ id, to }) => [id, to])).toEqual([
    ["jira:issue:10063:field:7:key", "PROP-1460"],
    ["jira:issue:10063:field:7:project", "Property"],
  ]);
});

test.each([
  [{ name: "Story" }, 0],
  [{ name: "Sub-task", subtask: true }, -1],
  [{ name: "Epic" }, 1],
  [{ name: "Epic", hierarchyLevel: 0 }, 0],
  [{ name: "Theme", hierarchyLevel: 2 }, 2],
])("an issue of type %j is of level %i", (issuetype, level) => {
  expect(one(read([], { issuetype }), "ticket.described")).toMatchObject({ level });
});

test("a key is never markup of a link", () => {
  const [event] = eventsOfIssue(issue({}, "A-1?x=#y"), [], { baseUrl: BASE_URL, readAt: NOW });
  expect(event?.url).toBe("https://jira.example/browse/A-1%3Fx%3D%23y");
});

test("a reading on purpose outranks a webhook of the same update", () => {
  const webhook = jiraSource({ baseUrl: BASE_URL }).read(delivery(updated()))?.events ?? [];
  const [older] = only(webhook, "ticket.described");
  const [newer] = only(read([], { summary: "Sell even more" }), "ticket.described");
  if (!older || !newer) throw new Error("both readers describe the ticket");
  expect(merge(older, newer)).toBe(newer);
  expect(merge(newer, older)).toBe(newer);
});

test("a changelog entry that lacks what we read is unreadable by its path", () => {
  expect(() => read([{ ...history("7", NOW, move("Open", "Closed")), created: null }])).toThrow(Unreadable);
  expect(() => read([{ id: "7", created: "x", items: {} }])).toThrow(
    "a changelog entry of PROP-1460 cannot be read: created: expected a time such as 2024-05-06T10:00:00.000+0800, received other text; items: ",
  );
});
