import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkConfiguration, type LayerName } from "../../src/core/configuration.js";
import { readConfiguration } from "../../src/github/configuration-file.js";

const FOLDER = new URL("broken/", import.meta.url);
/** What the organisation says, below the repository's file. */
const ORGANISATION = {
  profiles: { delivery: { extends: "change", insert: [{ name: "Tests", on: "ci.completed", after: "Merge" }] } },
};
const BELOW = { deployment: [], organisation: [null], repository: [null, ORGANISATION] };
const TRIGGERS =
  "ticket.created, commit.created, pull-request.opened, deployment.succeeded, api-event, ticket.status, ticket.field, pull-request.labeled, pull-request.reviewed, pull-request.approved, pull-request.merged, ci.completed, release.published or ticket.released";

/** Each file with the place (line, column), what is marked there, the one message, and the layer if it is not a repository's. */
const BROKEN: readonly (readonly [file: string, place: string, marked: string, message: string, layer?: LayerName])[] = [
  [
    "unclosed-list",
    "3:1",
    "",
    "line 3, column 1: expected YAML, found a mistake: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  ["tab", "2:1", "", "line 2, column 1: expected spaces, found a tab"],
  ["key-twice", "3:1", "profile", 'line 3, column 1: expected every key once, found "profile" again'],
  ["two-documents", "2:1", "", "line 2, column 1: expected one document, found another one"],
  ["alias-of-nothing", "1:7", "*people", 'line 1, column 7: expected "&people" before "*people", found none'],
  ["alias-in-itself", "1:23", "*people", 'line 1, column 23: expected "&people" before "*people", found it around that'],
  ["alias-bomb", "1:1", "", "line 1, column 1: expected aliases that stand for no more than 20 values, found more"],
  ["too-deep", "1:38", "", "line 1, column 38: expected at most 32 levels and 10000 pieces of YAML, found more"],
  ["list-at-the-top", "1:1", "- profile: change", ": expected a mapping, found a list"],
  [
    "unknown-key",
    "2:1",
    "prfile",
    'prfile: unknown key: expected one of profile, ticketKeys, comment, bots, profiles, dora, _extends, workingTime, orgUnits, publicTickets, found "prfile"; did you mean "profile"?',
  ],
  [
    "unknown-key-quoted",
    "2:3",
    '"tikets"',
    'comment.tikets: unknown key: expected one of enabled, tickets, ratings, requireTicket, baseline, found "tikets"; did you mean "tickets"?',
  ],
  [
    "unknown-option",
    "7:9",
    "branchs",
    'profiles.own.stages[0].branchs: unknown key: expected one of on, branches, name, pick, ideal, acceptable, found "branchs"; did you mean "branches"?',
  ],
  [
    "option-of-another-trigger",
    "5:60",
    "branches",
    'profiles.own.stages[0].branches: unknown key: expected one of on, status, category, name, pick, ideal, acceptable, found "branches"',
  ],
  ["text-for-a-list", "1:7", "robot", 'bots: expected a list, found "robot"'],
  ["text-for-a-switch", "1:21", '"yes"', 'comment.enabled: expected true or false, found "yes"'],
  ["mapping-for-a-text", "2:3", "name: change", "profile: expected a text, found a mapping"],
  ["nothing-for-a-text", "2:1", "profile", "profile: expected a text, found nothing"],
  ["empty-list", "4:13", "[]", "profiles.own.stages: expected at least one entry, found an empty list"],
  ["empty-stage", "5:8", "", "profiles.own.stages[0]: expected a mapping, found nothing"],
  [
    "unknown-trigger",
    "5:28",
    "pull-request.mergd",
    `profiles.own.stages[0].on: expected ${TRIGGERS}, found "pull-request.mergd"; did you mean "pull-request.merged"?`,
  ],
  ["stage-without-trigger", "5:9", "name: Merge", `profiles.own.stages[0].on: expected ${TRIGGERS}, found nothing`],
  ["stage-without-name", "5:9", "on: pull-request.merged", "profiles.own.stages[0].name: expected a text, found nothing"],
  [
    "start-that-is-none",
    "4:18",
    "pull-request.merged",
    'profiles.own.start.on: expected first-stage, ticket.created, commit.created, pull-request.opened, deployment.succeeded or api-event, found "pull-request.merged"; did you mean "pull-request.opened"?',
  ],
  [
    "start-as-a-word",
    "4:12",
    "first",
    'profiles.own.start: expected first-stage or a mapping such as { on: ticket.created }, found "first"',
  ],
  [
    "start-without-type",
    "4:5",
    "start",
    "profiles.own.start.type: expected the type of event to wait for, such as incident_1, found nothing",
  ],
  [
    "api-event-without-start",
    "2:3",
    "incident",
    'profiles.incident: expected "start: { on: api-event, type: … }", since api-event has no event type of its own, found nothing',
  ],
  [
    "api-event-itself",
    "1:10",
    "api-event",
    'profile: expected a profile that extends api-event and gives "start: { on: api-event, type: … }", found api-event itself, which has no event type',
  ],
  [
    "duration-in-words",
    "5:56",
    "1 day",
    'profiles.own.stages[0].ideal: expected a duration such as 30m, 8h, 1d or 2w, found "1 day"',
  ],
  ["duration-as-a-number", "2:13", "90", "comment.baseline: expected a duration such as 30m, 8h, 1d or 2w, found 90"],
  [
    "misspelt-choice",
    "2:40",
    "wallclock",
    'profiles.own.calculation: expected wall-clock or entry-to-entry, found "wallclock"; did you mean "wall-clock"?',
  ],
  [
    "misspelt-source",
    "2:18",
    "titel",
    'ticketKeys.from[1]: expected branch, title or commits, found "titel"; did you mean "title"?',
  ],
  [
    "unknown-profile",
    "1:10",
    "delivry",
    'profile: expected the name of a profile (pull-request, change, ticket-to-merge, ticket-to-release, api-event, delivery), found "delivry"; did you mean "delivery"?',
  ],
  [
    "unknown-base",
    "3:14",
    "pull-reqest",
    'profiles.quick.extends: expected the name of a profile (pull-request, change, ticket-to-merge, ticket-to-release, api-event, delivery), found "pull-reqest"; did you mean "pull-request"?',
  ],
  [
    "unknown-stage-left-out",
    "2:48",
    "Deploymnet",
    'profiles.quick.without[1]: expected the name of a stage (Pull request opened, First review, Approval, Merge, Tests, Deployment), found "Deploymnet"; did you mean "Deployment"?',
  ],
  [
    "unknown-stage-before",
    "5:54",
    "Merged",
    'profiles.quick.insert[0].after: expected the name of a stage (Pull request opened, First review, Approval, Merge, Deployment), found "Merged"; did you mean "Merge"?',
  ],
  [
    "circle",
    "5:14",
    "two",
    "profiles.one.extends: expected profiles that do not extend each other in a circle, found one → two → one",
  ],
  [
    "no-stages",
    "2:3",
    "own",
    'profiles.own: expected "stages", or "extends" with the name of a profile to copy it from, found neither',
  ],
  ["stage-name-twice", "6:17", "merge", 'profiles.own.stages[1].name: expected every stage\'s name once, found "merge" again'],
  [
    "stage-name-there-already",
    "5:31",
    "Deployment",
    'profiles.quick.insert[0].name: expected every stage\'s name once, found "Deployment" again',
  ],
  [
    "ci-twice",
    "6:25",
    "ci.completed",
    'profiles.own.stages[1].on: expected stages that different events enter, or another "pick", found what enters "Build" already',
  ],
  [
    "ci-there-already",
    "7:13",
    "ci.completed",
    'profiles.quick.insert[0].on: expected stages that different events enter, or another "pick", found what enters "CI" already',
  ],
  [
    "acceptable-below-ideal",
    "8:21",
    "8h",
    "profiles.own.stages[0].acceptable: expected an acceptable time of 1d (the ideal) or more, found 8h",
  ],
  [
    "status-of-nothing",
    "5:9",
    "{ name: Doing, on: ticket.status }",
    'profiles.own.stages[0]: expected "status" or "category": which statuses enter it, found neither',
  ],
  [
    "expression-with-ends",
    "9:13",
    "^release/.*$",
    'profiles.own.stages[0].branches[1]: expected a glob (* is any text, ? any one character), found "^release/.*$", which looks like a regular expression; write "release/*"',
  ],
  [
    "expression-with-choice",
    "5:60",
    '"(main|master)"',
    'profiles.own.stages[0].branches[0]: expected a glob (* is any text, ? any one character), found "(main|master)", which looks like a regular expression; write "main", "master"',
  ],
  [
    "expression-in-slashes",
    "5:51",
    "/build/",
    'profiles.own.stages[0].workflows[0]: expected a glob (* is any text, ? any one character), found "/build/", which looks like a regular expression; write "*build*"',
  ],
  [
    "expression-with-class",
    "4:26",
    '"prod-[a-z]+"',
    'profiles.own.dora.production[0]: expected a glob (* is any text, ? any one character), found "prod-[a-z]+", which looks like a regular expression; write "prod-*"',
  ],
  [
    "expression-of-digits",
    "5:64",
    "'eu-\\d'",
    'profiles.own.stages[0].environments[0]: expected a glob (* is any text, ? any one character), found "eu-\\\\d", which looks like a regular expression; write "eu-?"',
  ],
  ["glob-too-long", "5:60", "a".repeat(256), "profiles.own.stages[0].branches[0]: expected at most 255 characters, found 256"],
  [
    "glob-with-a-long-middle",
    "5:60",
    `"*${"a".repeat(65)}*"`,
    'profiles.own.stages[0].branches[0]: expected at most 64 characters between two "*", found 65',
  ],
  [
    "hours-turned-round",
    "2:10",
    "18:00-09:00",
    'workingTime.hours: expected hours such as 09:00-18:00, the end behind the beginning, found "18:00-09:00"',
  ],
  [
    "hours-in-words",
    "1:23",
    "9 to 5",
    'workingTime.hours: expected hours such as 09:00-18:00, the end behind the beginning, found "9 to 5"',
  ],
  [
    "time-zone-misspelt",
    "2:13",
    "Europe/Berlim",
    'workingTime.timeZone: expected a time zone such as Europe/Berlin or UTC, found "Europe/Berlim"; did you mean "Europe/Berlin"?',
  ],
  [
    "time-zone-as-an-offset",
    "1:26",
    '"+01:00"',
    'workingTime.timeZone: expected a time zone such as Europe/Berlin or UTC, found "+01:00"',
  ],
  ["day-misspelt", "1:28", "tuesday", 'workingTime.days[1]: expected mon, tue, wed, thu, fri, sat or sun, found "tuesday"'],
  ["project-key-with-a-dash", "4:7", "a-b", 'ticketKeys.projects[1]: expected a project key such as PROP, found "a-b"'],
  [
    "org-units-of-a-repository",
    "2:1",
    "orgUnits",
    "orgUnits: expected orgUnits only in the organisation's file (.github/leadtime.yml in its repository .github), found it in a repository's file",
  ],
  [
    "dora-of-a-repository",
    "1:1",
    "dora",
    "dora: expected dora only in the organisation's file (.github/leadtime.yml in its repository .github), found it in a repository's file",
  ],
  [
    "public-tickets-of-an-organisation",
    "1:1",
    "publicTickets",
    "publicTickets: expected publicTickets only in the operator's file (LEADTIME_CONFIG), found it in the organisation's file",
    "organisation",
  ],
  [
    "extends-of-an-operator",
    "1:1",
    "_extends",
    "_extends: expected _extends only in files at GitHub, found it in the operator's file",
    "deployment",
  ],
  [
    "extends-of-an-address",
    "1:11",
    "https://github.com/acme/settings",
    '_extends: expected a repository such as settings or acme/settings, and a path if need be: acme/settings:.github/other.yml, found "https://github.com/acme/settings"',
  ],
  [
    "extends-in-a-list",
    "3:5",
    "acme/settings/x",
    '_extends[1]: expected a repository such as settings or acme/settings, and a path if need be: acme/settings:.github/other.yml, found "acme/settings/x"',
  ],
  [
    "org-unit-of-nothing",
    "2:3",
    "web",
    'orgUnits.web: expected "repositories" or "projects": what belongs to it, found neither',
    "organisation",
  ],
  [
    "org-unit-without-owner",
    "2:25",
    "web-*",
    'orgUnits.web.repositories[0]: expected a glob of owner/repository such as acme/payments-*, found "web-*"',
    "organisation",
  ],
  [
    "org-unit-of-an-unknown-profile",
    "4:14",
    "chnage",
    'orgUnits.web.profile: expected the name of a profile (pull-request, change, ticket-to-merge, ticket-to-release, api-event), found "chnage"; did you mean "change"?',
    "organisation",
  ],
  [
    "bounds-that-fall",
    "2:44",
    "0.30",
    "dora.bands.changeFailureRate[2]: expected more than the bound before it, found 0.3",
    "organisation",
  ],
  [
    "two-bounds",
    "2:31",
    "[1h, 1d]",
    "dora.bands.meanTimeToRestore: expected three ascending bounds such as [1h, 1d, 7d], found a list",
    "organisation",
  ],
  [
    "share-in-percent",
    "2:44",
    "45",
    "dora.bands.changeFailureRate[2]: expected a share of 1, such as 0.15, found 45",
    "organisation",
  ],
  [
    "unknown-sign-of-failure",
    "2:24",
    "revret",
    'dora.failedBy[1]: expected rollback, revert, hotfix, incident or status, found "revret"; did you mean "revert"?',
    "organisation",
  ],
  [
    "profile-name-with-a-colon",
    "2:3",
    '"acme/web:own"',
    'profiles.acme/web:own: expected a name without a colon, found "acme/web:own"',
  ],
  [
    "wrong-behind-an-alias",
    "1:16",
    "acme-robot",
    'ticketKeys.projects[0]: expected a project key such as PROP, found "acme-robot"',
  ],
  [
    "lines-of-windows",
    "4:3",
    "ratngs",
    'comment.ratngs: unknown key: expected one of enabled, tickets, ratings, requireTicket, baseline, found "ratngs"; did you mean "ratings"?',
  ],
  ["too-many-profiles", "2:3", "p0: { extends: change }", "profiles: expected at most 100 entries, found 101"],
];

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
