import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Unreadable } from "../../src/core/failure.js";
import { at, merged, one, payload, pullRequest, read, reading, repository, types } from "./payloads.js";

interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}
const path = createRequire(import.meta.url).resolve("@octokit/webhooks-examples");
const EXAMPLES: readonly Example[] = JSON.parse(readFileSync(path, "utf8"));

const HANDLED = [
  "push",
  "create",
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "issue_comment",
  "workflow_run",
  "check_suite",
  "status",
  "deployment",
  "deployment_status",
  "release",
  "repository",
  "installation",
  "installation_repositories",
];

describe("GitHub's published examples", () => {
  test.each(HANDLED)("of %s are all read", (name) => {
    const examples = EXAMPLES.find((example) => example.name === name)?.examples ?? [];
    expect(examples.length).toBeGreaterThan(0);
    const readings = examples.map((example) => read(name, example));
    if (!["issue_comment", "workflow_run"].includes(name)) expect(readings.some((it) => it !== null)).toBe(true);
  });

  test("of all other events do not concern us", () => {
    const others = EXAMPLES.filter(({ name }) => !HANDLED.includes(name) && name !== "installation_target");
    for (const { name, examples } of others) for (const example of examples) expect(read(name, example), name).toBeNull();
  });
});

describe("a delivery", () => {
  test("of an event that we do not know is not even parsed", () => {
    expect(read("ping", "{ no JSON")).toBeNull();
    expect(read("constructor", "{ no JSON")).toBeNull();
  });

  test("may begin with a byte order mark", () => {
    const body = `\ufeff${JSON.stringify(payload({ action: "opened", pull_request: pullRequest() }))}`;
    expect(reading("pull_request", body).notifies).toBe("github:pr:7#3:opened");
  });

  test("keeps ids beyond 2^53, digit by digit, and texts that look like them", () => {
    const body = JSON.stringify(
      payload({ action: "opened", pull_request: pullRequest({ title: 'see "9007199254740993" \\ 9007199254740995' }) }),
    );
    const big = body.replace('"id":7', '"id":9007199254740993').replace('"id":42', '"id":18446744073709551615');
    const result = reading("pull_request", big);
    expect(result.owner).toBe("18446744073709551615");
    expect(result.notifies).toBe("github:pr:9007199254740993#3:opened");
    expect(one(result, "pull-request.described").title).toBe('see "9007199254740993" \\ 9007199254740995');
  });

  test("with a long id and millions of escapes is read all the same", () => {
    const body = JSON.stringify(
      payload({ action: "opened", pull_request: pullRequest({ body: "\n".repeat(3_000_000) }), x: 0 }),
    );
    expect(reading("pull_request", body.replace('"x":0', '"x":9007199254740993')).notifies).toBe("github:pr:7#3:opened");
  });

  test.each([
    ["no JSON", "{", "expected JSON, received 1 bytes"],
    ["an array", "[]", "(whole): Invalid input: expected object, received array"],
    ["no action", payload({}), "action: Invalid input: expected string, received undefined"],
    ["no pull request", payload({ action: "opened" }), "pull_request: Invalid input: expected object, received undefined"],
    [
      "a time that is none",
      payload({ action: "opened", pull_request: pullRequest({ created_at: "2024-02-30T00:00:00Z" }) }),
      "pull_request.created_at: expected a time such as 2024-05-06T10:00:00Z, received other text",
    ],
    [
      "an id that is none",
      payload({ action: "opened", repository: repository({ id: null }) }),
      "repository.id: expected an id, received null",
    ],
    [
      "a merge without commit",
      payload({ action: "closed", pull_request: merged({ merge_commit_sha: null }) }),
      "pull_request.merge_commit_sha: expected the merge commit of a merged pull request",
    ],
  ])("with %s is unreadable, and it says where", (_, body, expected) => {
    expect(() => read("pull_request", body)).toThrow(Unreadable);
    expect(() => read("pull_request", body)).toThrow(expected);
  });

  test("that is unreadable does not quote the payload", () => {
    const body = payload({
      action: "opened",
      pull_request: pullRequest({ created_at: "s3cret", user: "s3cret", state: "s3cret" }),
    });
    expect(() => read("pull_request", body)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("s3cret") }),
    );
  });
});

describe("what payloads carry along", () => {
  const result = reading("pull_request", payload({ action: "opened", pull_request: pullRequest() }));

  test("is the repository's state, as of its own last change", () => {
    expect(one(result, "repository.described")).toMatchObject({
      id: "github:repo:7:described",
      at: at("2024-05-01T00:00:00Z"),
      name: "acme/web",
      visibility: "internal",
      defaultBranch: "main",
      archived: false,
      deleted: false,
    });
  });

  test("is the account with its installation, as of the event", () => {
    expect(result.owner).toBe("42");
    expect(one(result, "account.described")).toMatchObject({
      id: "github:account:42:described",
      at: at("2024-05-06T10:00:00Z"),
      login: "acme",
      installation: "5",
      state: "installed",
    });
  });

  test("is nothing of the account when no installation is named, so that a known one is not forgotten", () => {
    const without = reading(
      "pull_request",
      payload({ action: "opened", pull_request: pullRequest(), installation: undefined }),
    );
    expect(types(without)).not.toContain("account.described");
  });

  test("says since when the repository has been watched", () => {
    expect(one(result, "repository.watched")).toMatchObject({ id: "github:repo:7:watched", at: at("2024-05-06T10:00:00Z") });
  });

  test("takes the visibility from `private` where GitHub does not say more", () => {
    const old = repository({ visibility: undefined, updated_at: undefined });
    const described = one(
      reading("pull_request", payload({ action: "opened", pull_request: pullRequest(), repository: old })),
      "repository.described",
    );
    expect(described).toMatchObject({ visibility: "private", at: at("2024-05-06T10:00:00Z") });
  });
});

/** The same value with every object's keys in reverse order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, of]) => [key, reversed(of)]),
  );
};

/** The same value with one place in it replaced, or left out. */
function mutated(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== "object" || value === null) return replacement;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return replacement;
  const copy: Record<string, unknown> = { ...value };
  copy[key] = mutated(copy[key], rest, replacement);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

describe("the reader", () => {
  const samples = EXAMPLES.filter(({ name }) => HANDLED.includes(name)).flatMap(({ name, examples }) =>
    examples.map((example) => ({ name, example })),
  );
  const sample = fc.constantFrom(...samples);

  test("gives the same, whatever the order of the keys", () => {
    for (const { name, example } of samples) expect(read(name, reversed(example) as object), name).toEqual(read(name, example));
  });

  test("throws nothing but `Unreadable`, whatever is put where", () => {
    const values = fc.oneof(
      fc.constantFrom(undefined, null, "", 0, -1, 2 ** 53, "9".repeat(40), {}, [], "__proto__"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(sample, fc.array(fc.nat(60), { maxLength: 4 }), values, ({ name, example }, steps, value) => {
        const body = JSON.stringify(mutated(example, steps, value)) ?? "";
        try {
          read(name, body);
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("throws nothing but `Unreadable` for bytes that are no payload", () => {
    const source = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...HANDLED), source, (name, body) => {
        try {
          read(name, new TextDecoder().decode(body));
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
    );
  });

  test("notifies of an event that is there, and watches from its time", () => {
    for (const { name, example } of samples) {
      const result = read(name, example);
      if (!result?.notifies) continue;
      const notified = result.events.find(({ id }) => id === result.notifies);
      expect(notified, name).toBeDefined();
      const watched = result.events.find(({ type }) => type === "repository.watched");
      if (watched) expect(watched.at, name).toBe(notified?.at);
    }
  });

  test("names events after their facts: the ids of one reading are unique", () => {
    for (const { name, example } of samples) {
      const ids = read(name, example)?.events.map(({ id }) => id) ?? [];
      expect(new Set(ids).size, name).toBe(ids.length);
    }
  });
});
