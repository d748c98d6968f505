import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkConfiguration, type LayerName } from "../../src/core/configuration.js";
import { readConfiguration } from "../../src/github/configuration-file.js";
import { BELOW, BROKEN } from "./broken-files.js";

const FOLDER = new URL("broken/", import.meta.url);

const CASES = BROKEN.map(([name, place, marked, message, layer = "repository"]) => ({ name, place, marked, message, layer }));

describe("a broken file is told by its one mistake, where it stands", () => {
  test.each(CASES)("$name at $place: $marked", ({ name, place, marked, message, layer }) => {
    const bytes = readFileSync(new URL(`${name}.yml`, FOLDER));
    const { content, problems } = readConfiguration(bytes, (read) => checkConfiguration(read, { layer, below: BELOW[layer] }));
    const lines = bytes.toString().split("\n");
    const told = problems.map(({ line, column, endColumn, path, message: words }) => [
      `${line}:${column}`,
      lines[line - 1]?.slice(column - 1, endColumn - 1),
      `${path}: ${words}`,
    ]);
    expect(told).toEqual([[place, marked, message]]);
    expect(content).toBeNull();
  });

  test("and every one of the files is in this table", () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.yml$/, ""));
    expect(files.sort()).toEqual(BROKEN.map(([name]) => name).sort());
    expect(files.length).toBeGreaterThanOrEqual(40);
  });
});

describe("a good file is not complained about", () => {
  const stages = (lines: string) => `profiles:\n  own:\n    start: { on: ticket.created }\n    stages:\n${lines}`;

  test.each<[string, string, LayerName?]>([
    ["that is empty", ""],
    ["of comments", "# nothing yet\n"],
    ["of nothing", "---\n..."],
    ["with a byte order mark, and lines of Windows", "\ufeffprofile: change\r\nbots: [robot]\r\n"],
    ["in one line", "{profile: change, comment: {enabled: false}}"],
    ["in JSON", '{"profile": "change", "ticketKeys": {"projects": ["PROP"], "from": []}}'],
    ["with anchors", "profiles:\n  a: &a { extends: change, statistic: mean }\n  b: *a\n"],
    [
      "that names the organisation's profile",
      "profile: delivery\nprofiles: { own: { extends: delivery, without: [tests] } }\n",
    ],
    ["whose profile stands over the one of its name", "profiles: { delivery: { extends: delivery, without: [Merge] } }\n"],
    [
      "whose profile is a copy of one further down",
      "profiles: { a: { extends: b, without: [Merge] }, b: { extends: change } }\n",
    ],
    [
      "with names of many kinds",
      stages('      - { name: "Prüfung (α) 🚀", on: ci.completed, workflows: ["CI (Linux)", "build [x64]", C/C++ CI] }\n'),
    ],
    [
      "with versions in globs",
      stages("      - { name: Merge, on: pull-request.merged, branches: [release/1.*, v?.?, '**'] }\n"),
    ],
    [
      "with two jobs as two stages",
      stages(
        "      - { name: CI, on: ci.completed, workflows: [ci] }\n      - { name: CD, on: ci.completed, workflows: [cd] }\n",
      ),
    ],
    ["with one job as one stage", "profiles: { own: { extends: ticket-to-release, without: [CI] } }\n"],
    [
      "with the first and the last of the same events",
      stages("      - { name: A, on: commit.created }\n      - { name: B, on: commit.created, pick: last }\n"),
    ],
    [
      "with the same name after leaving it out",
      "profiles: { own: { extends: change, without: [Merge], insert: [{ name: Merge, on: ticket.created }] } }\n",
    ],
    ["with an ideal time alone", stages("      - { name: A, on: commit.created, ideal: 1d 12h }\n")],
    ["with as much acceptable as ideal", stages("      - { name: A, on: commit.created, ideal: 24h, acceptable: 1d }\n")],
    ["with hours until midnight", "workingTime: { hours: 08:30-24:00, days: [sun], timeZone: europe/london }\n"],
    ["that extends others", "_extends: [settings, acme/settings, 'acme/settings:.github/x.yml']\n"],
    [
      "of an organisation with org units alone",
      "orgUnits: { a: { projects: [PAY] }, b: { repositories: ['*/web'] } }\n",
      "organisation",
    ],
    [
      "of the operator",
      "publicTickets: [acme/web]\ndora: { production: [live] }\norgUnits: { a: { projects: [A1] } }\n",
      "deployment",
    ],
    [
      "that posts events",
      "profile: incident\nprofiles: { incident: { extends: api-event, start: { on: api-event, type: incident_1 } } }\n",
    ],
    [
      "that gives api-event a type",
      "profile: api-event\nprofiles: { api-event: { extends: api-event, start: { on: api-event, type: x } } }\n",
    ],
    [
      "with DORA of a profile",
      "profiles: { own: { extends: change, dora: { bands: { leadTimeForChanges: [1h, 1d, 1w] } } } }\n",
    ],
  ])("%s", (_, text, layer: LayerName = "repository") => {
    const read = readConfiguration(new TextEncoder().encode(text), (content) =>
      checkConfiguration(content, { layer, below: BELOW[layer] }),
    );
    expect(read.problems).toEqual([]);
  });
});

test("of a file full of mistakes two hundred are told", () => {
  const text = Array.from({ length: 1000 }, (_, index) => `k${index}: 1\n`).join("");
  const { problems } = readConfiguration(new TextEncoder().encode(text), checkConfiguration);
  expect(problems).toHaveLength(200);
  expect(problems[0]).toMatchObject({ line: 1, column: 1, endColumn: 3 });
});
