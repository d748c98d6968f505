import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/event.js";
import { readTicket, type Ticket } from "../../src/core/ticket.js";
import { HOUR } from "../../src/core/time.js";
import { at, category, ticket, version } from "../support/builders.js";

const CREATED = [
  ticket.described(at("12:00"), { fixVersions: [{ id: "1", name: "v1" }] }),
  ticket.created(at("09:00")),
  ticket.status("initial", "To Do", at("09:00")),
];
function read(...events: Event[]): Ticket {
  const found = readTicket([...CREATED, ...events]);
  if (!found) throw new Error("expected a ticket");
  return found;
}
const released = (...events: Event[]) => read(...events).entries.filter(({ type }) => type === "ticket.released");
const statuses = (...events: Event[]) =>
  read(...events).entries.flatMap((entry) => (entry.type === "ticket.status" ? [[entry.status, entry.category]] : []));

describe("a ticket is not told of", () => {
  test("before it is described", () => {
    expect(readTicket([ticket.created(at("09:00"))])).toBeNull();
  });

  test("once it is deleted", () => {
    expect(readTicket([...CREATED, ticket.deleted(at("10:00"))])).toBeNull();
  });
});

describe("statuses", () => {
  test("begin with the initial one, at the creation", () => {
    const [created, initial] = read().entries;
    expect([created?.type, initial?.type, initial?.at]).toEqual(["ticket.created", "ticket.status", at("09:00")]);
  });

  test("carry the category that was first read, and none when the status exists no more", () => {
    const known = [category("Doing", "in-progress"), category("Gone", null)];
    const moves = [
      ticket.status("1", "Doing", at("10:00")),
      ticket.status("2", "Gone", at("10:05")),
      ticket.status("3", "Odd", at("10:06")),
    ];
    expect(statuses(...known, ...moves)).toEqual([
      ["To Do", null],
      ["Doing", "in-progress"],
      ["Gone", null],
      ["Odd", null],
    ]);
  });

  test("that a workflow migration changed enter no stage", () => {
    expect(statuses(ticket.status("1", "Reopened", at("10:00"), { migrated: true }))).toEqual([["To Do", null]]);
  });
});

describe("the time in each status", () => {
  test("is unknown while the history is unread", () => {
    expect(read(ticket.status("1", "Doing", at("10:00"))).timeInStatus).toBeNull();
  });

  test("sums up all visits, those of a migration too; the present one has none yet", () => {
    const { timeInStatus } = read(
      ticket.history(at("12:00")),
      ticket.status("1", "Doing", at("10:00")),
      ticket.status("2", "To Do", at("11:00"), { migrated: true }),
      ticket.status("3", "Doing", at("13:00")),
    );
    expect(timeInStatus).toEqual([
      { status: "To Do", duration: 3 * HOUR, since: null },
      { status: "Doing", duration: HOUR, since: at("13:00") },
    ]);
  });

  test.each(["09:00", "08:59"])(
    "begins with the initial status, also when it changed at once or, by a clock that jumped back, before (%s)",
    (moved) => {
      const { timeInStatus } = read(ticket.history(at("12:00")), ticket.status("1", "Doing", at(moved)));
      expect(timeInStatus).toEqual([
        { status: "To Do", duration: 0, since: null },
        { status: "Doing", duration: null, since: at(moved) },
      ]);
    },
  );
});

describe("a fix version is released", () => {
  const its = version("1");
  const day = at("2024-05-06T00:00:00Z");

  test("at the moment it was marked so", () => {
    expect(released(its.described(at("11:05"), true), its.releasedOn(day), its.released(at("11:00")))).toMatchObject([
      { at: at("11:00"), precision: "exact", note: "fix version v1" },
    ]);
  });

  test("on its release date, precise to the day, when the moment was not seen", () => {
    expect(released(its.described(at("11:05"), true), its.releasedOn(day))).toMatchObject([{ at: day, precision: "day" }]);
  });

  test("not on a release date alone, while it is not marked so", () => {
    expect(released(its.releasedOn(day))).toEqual([]);
    expect(released(its.described(at("11:05"), false), its.releasedOn(day))).toEqual([]);
  });

  test("no more once that is taken back, and anew when it is marked again", () => {
    const before = [its.released(at("11:00")), its.unreleased(at("11:30"))];
    expect(released(...before)).toEqual([]);
    expect(released(...before, its.released(at("12:00")))).toMatchObject([{ at: at("12:00") }]);
  });

  test("still, whatever a read said that has no time of its own to compare", () => {
    for (const read of ["10:00", "11:30"]) {
      expect(released(its.described(at(read), false), its.released(at("11:00")))).toMatchObject([{ at: at("11:00") }]);
    }
  });

  test("for the tickets that it is a fix version of, only", () => {
    expect(released(version("2").released(at("11:00")))).toEqual([]);
    expect(read().versions).toEqual([{ name: "v1", releasedAt: null }]);
    expect(read(its.released(at("11:00"))).versions).toEqual([{ name: "v1", releasedAt: at("11:00") }]);
  });
});
