import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Command } from "../../src/core/command.js";
import type { Event } from "../../src/core/event.js";
import { Refused, Unanswered, Unavailable } from "../../src/core/failure.js";
import type { Permission } from "../../src/core/question.js";
import { accountRef, owner, pullRequestRef } from "../../src/core/ref.js";
import { type Instant, instant, MINUTE, SECOND } from "../../src/core/time.js";
import { EffectRunner, IN_DOUBT } from "../../src/flow/effects.js";
import type { Checks, CodeHost, Discussion, Proposals, Standing, Store } from "../../src/ports.js";
import { storeOn } from "../../src/store/open.js";
import { silent, sqlite } from "../store/databases.js";
import { at, commit, pullRequest, repository } from "../support/builders.js";

const ACME = owner(1);
const PULL_REQUEST = pullRequestRef(1, 7);
const pr = pullRequest(7);
const KNOWN: readonly Event[] = [
  {
    ...{ id: `${accountRef(ACME)}:described`, ref: accountRef(ACME), at: at("00:00"), precision: "exact", reader: 1 },
    ...{ type: "account.described", login: "acme", installation: "5", state: "installed" },
  },
  repository(),
  pr.described(at("10:10"), { title: "Work", branch: "work" }),
  pr.opened(at("10:10")),
  pr.commits(at("10:10"), [commit("c1", at("10:05"), { message: "Work" })]),
];
const unasked = async () => [];
const codeHost: CodeHost = {
  ...{ pullRequest: unasked, commits: unasked, trace: unasked },
  ...{ compare: unasked, release: unasked, configuration: unasked },
};

interface Wall {
  readonly comments: Map<string, string>;
  readonly reactions: string[];
  readonly calls: string[];
  permission: Permission;
  standing: Standing;
}

/** A conversation that is nowhere but here, with what GitHub would refuse. */
function conversation(wall: Wall): Discussion {
  const call = (name: string) => void wall.calls.push(name);
  return {
    find: async (_, __, marker) => {
      call("find");
      return [...wall.comments].find(([, body]) => body.startsWith(`${marker}\n`))?.[0];
    },
    create: async (_, __, body) => {
      call("create");
      if (wall.standing !== "open") throw new Refused(wall.standing === "locked" ? "forbidden" : "missing", wall.standing);
      const id = String(wall.comments.size + 100);
      wall.comments.set(id, body);
      return id;
    },
    update: async (_, id, body) => {
      call("update");
      if (!wall.comments.has(id)) throw new Refused("missing", "no such comment");
      wall.comments.set(id, body);
    },
    standing: async () => wall.standing,
    react: async (_, comment, reaction) => {
      call(reaction);
      wall.reactions.push(`${comment} ${reaction}`);
    },
    permission: async () => {
      call("permission");
      return wall.permission;
    },
  };
}

/** Lets a number of steps happen, and then nothing more: as a process that is killed. */
function mortal<Port extends object>(
  port: Port,
  life: { left: number; after: boolean },
  mortals: readonly (keyof Port)[],
): Port {
  const never = new Promise<never>(() => {});
  const lived = mortals.map((name) => {
    const step = async (...given: unknown[]): Promise<unknown> => {
      if (life.left <= 0) return never;
      life.left--;
      if (life.left === 0 && !life.after) return never;
      const done = await (port[name] as (...all: unknown[]) => Promise<unknown>)(...given); // the ports' own functions
      return life.left === 0 ? never : done;
    };
    return [name, step] as const;
  });
  return { ...port, ...Object.fromEntries(lived) };
}

const ALL_OF_DISCUSSION = ["find", "create", "update", "standing", "react", "permission"] as const;

async function scene() {
  const kind = sqlite();
  const store = await storeOn(await kind.fresh(), { log: silent });
  onTestFinished(async () => {
    await store.close();
    await kind.end();
  });
  const wall: Wall = { comments: new Map(), reactions: [], calls: [], permission: "write", standing: "open" };
  const clock = { time: at("12:00"), now: (): Instant => clock.time };
  const policy = { configuration: null, jira: { configured: false, owners: null } };
  const runner = (parts: { store?: Store; discussion?: Discussion } = {}) =>
    new EffectRunner({
      ...{ store, codeHost, discussion: conversation(wall), tracker: null, policy, publicUrl: null, clock, log: silent },
      ...{ proposals: {} as Proposals, checks: {} as Checks }, // nothing is checked
      ...parts,
    });
  await store.transaction(async (tx) => void (await tx.append(ACME, KNOWN)));
  const ask = (comment: string, commands: readonly Command[], askedAt = clock.time, by = "9") => {
    const question = { comment, url: null, asker: { id: by, login: "grace" }, askedAt, commands };
    return store.transaction((tx) => tx.want(ACME, [{ kind: "answer", pullRequest: PULL_REQUEST, question }], clock.now()));
  };
  const carryOut = async (one = runner()) => {
    while (await one.look()) await one.settled();
  };
  return { store, wall, clock, runner, ask, carryOut };
}

const LINKING: readonly Command[] = [{ name: "link", keys: ["PROP-1"] }, { name: "show" }];

describe("killed between any two steps", () => {
  /** How many steps there are; more is no kill at all. */
  const STEPS = 18;
  const moments = Array.from({ length: STEPS }, (_, index) => index + 1).flatMap(
    (step) =>
      [
        [step, false],
        [step, true],
      ] as const,
  );

  it.each(moments)("at step %i, its work done: %s, there is one answer after the restart", async (step, after) => {
    const { store, wall, clock, runner, ask, carryOut } = await scene();
    await ask("55", LINKING);
    const life = { left: step, after };
    const dying = runner({
      store: mortal(store, life, ["transaction"]),
      discussion: mortal(conversation(wall), life, ALL_OF_DISCUSSION),
    });
    void dying.look();
    await vi.waitFor(() => expect(life.left <= 0 || wall.reactions.includes("55 rocket")).toBe(true), { interval: 2 });
    await new Promise((next) => setImmediate(next));
    clock.time = instant(clock.time + IN_DOUBT);
    await store.forgetLeases(clock.time);
    await carryOut();
    expect([...wall.comments.values()]).toEqual([expect.stringContaining("`PROP-1` is linked")]);
    expect(wall.calls.filter((call) => call === "create")).toHaveLength(1);
    expect(new Set(wall.reactions)).toEqual(new Set(["55 eyes", "55 rocket"]));
    const links = (await store.events(ACME, [PULL_REQUEST])).filter(({ type }) => type === "pull-request.linked");
    expect(links).toHaveLength(1);
    expect(await store.answers(ACME, PULL_REQUEST)).toMatchObject([{ question: "55", state: "done" }]);
  });

  it("has fewer steps than that", async () => {
    const { store, wall, runner, ask } = await scene();
    await ask("55", LINKING);
    const life = { left: STEPS, after: true };
    const discussion = mortal(conversation(wall), life, ALL_OF_DISCUSSION);
    const living = runner({ store: mortal(store, life, ["transaction"]), discussion });
    await living.look();
    await living.settled();
    expect(life.left).toBeGreaterThan(0);
    expect(wall.comments.size).toBe(1);
  });
});

describe("an answer that GitHub did not say it had posted", () => {
  /** Where the first is not answered; what was sent goes to the list. */
  const dumb = (wall: Wall, sent: Parameters<Discussion["create"]>[]): Discussion => {
    const spoken = conversation(wall);
    const create: Discussion["create"] = async (...given) => {
      if (sent.push(given) === 1) throw new Unanswered("GitHub could not be reached");
      return spoken.create(...given);
    };
    return { ...spoken, create };
  };

  it.each([
    ["and posts it late is changed", true, 1],
    ["and never posts is posted", false, 2],
  ])("%s, once that is known, and stands once", async (_, posted, times) => {
    const { wall, clock, runner, ask, carryOut } = await scene();
    const sent: Parameters<Discussion["create"]>[] = [];
    const one = runner({ discussion: dumb(wall, sent) });
    await ask("55", LINKING);
    await carryOut(one);
    clock.time = instant(clock.time + IN_DOUBT - 1);
    await ask("55", LINKING);
    await carryOut(one);
    expect([sent.length, wall.comments.size]).toEqual([1, 0]);
    if (posted) for (const given of sent) await conversation(wall).create(...given);
    clock.time = instant(clock.time + 1);
    await carryOut(one);
    expect([sent.length, wall.comments.size]).toEqual([times, 1]);
    expect(wall.reactions).toContain("55 rocket");
  });

  it("is found also where another one was to be changed, and is gone", async () => {
    const { wall, clock, runner, ask, carryOut } = await scene();
    await ask("55", [{ name: "show" }]);
    await carryOut();
    wall.comments.clear();
    const sent: Parameters<Discussion["create"]>[] = [];
    const one = runner({ discussion: dumb(wall, sent) });
    await ask("56", [{ name: "show" }]);
    await carryOut(one);
    for (const [, , body] of sent) wall.comments.set("200", body);
    clock.time = instant(clock.time + IN_DOUBT);
    await carryOut(one);
    expect([...wall.comments.keys()]).toEqual(["200"]);
    expect(sent).toHaveLength(1);
  });
});

describe("the same from the same person", () => {
  it("within ten minutes changes the answer, even where the second is begun before the first is done", async () => {
    const { wall, clock, ask, carryOut } = await scene();
    await ask("55", [{ name: "show" }]);
    await ask("56", [{ name: "show" }], instant(clock.time + 10 * MINUTE));
    await carryOut();
    clock.time = instant(clock.time + 2 * SECOND);
    await carryOut();
    expect(wall.comments.size).toBe(1);
    expect(new Set(wall.reactions)).toEqual(new Set(["55 eyes", "55 rocket", "56 eyes", "56 rocket"]));
  });

  it("later, or from another, or asked otherwise, is answered by itself", async () => {
    const { wall, clock, ask, carryOut } = await scene();
    await ask("55", [{ name: "show" }]);
    await carryOut();
    await ask("56", [{ name: "show" }], instant(clock.time + 10 * MINUTE + SECOND));
    await ask("57", [{ name: "show" }], clock.time, "10");
    await ask("58", [{ name: "explain" }]);
    await carryOut();
    expect(wall.comments.size).toBe(4);
  });

  it("is answered anew where somebody deleted the answer", async () => {
    const { wall, ask, carryOut } = await scene();
    await ask("55", [{ name: "show" }]);
    await carryOut();
    wall.comments.clear();
    await ask("56", [{ name: "show" }]);
    await carryOut();
    expect([...wall.comments.values()]).toEqual([expect.stringContaining("<!-- leadtime:answer 56 -->")]);
  });
});

describe("reactions", () => {
  it.each([
    ["refused", new Refused("forbidden", "no permission")],
    ["not possible now", new Unavailable("GitHub is away")],
  ])("that are %s fail no command", async (_, failure) => {
    const { wall, runner, ask, carryOut } = await scene();
    await ask("55", [{ name: "show" }]);
    const react = async () => Promise.reject(failure);
    await carryOut(runner({ discussion: { ...conversation(wall), react } }));
    expect(wall.comments.size).toBe(1);
    expect(wall.reactions).toEqual([]);
  });
});

describe("a conversation that is", () => {
  it.each(["locked", "gone"] as const)("%s gets no answer, and what was asked is done", async (standing) => {
    const { store, wall, ask, carryOut } = await scene();
    wall.standing = standing;
    await ask("55", LINKING);
    await carryOut();
    expect(wall.comments.size).toBe(0);
    expect(await store.answers(ACME, PULL_REQUEST)).toMatchObject([{ answer: null, state: "done" }]);
    expect((await store.events(ACME, [PULL_REQUEST])).map(({ type }) => type)).toContain("pull-request.linked");
  });
});

it("does nothing for who may not, and says so", async () => {
  const { store, wall, ask, carryOut } = await scene();
  wall.permission = "triage";
  await ask("55", [{ name: "link", keys: ["PROP-1"] }]);
  await carryOut();
  expect([...wall.comments.values()]).toEqual([expect.stringContaining("takes write access")]);
  expect(wall.reactions).toEqual(["55 eyes", "55 confused"]);
  expect((await store.events(ACME, [PULL_REQUEST])).map(({ type }) => type)).not.toContain("pull-request.linked");
});

it("asks what a person may do only where that matters", async () => {
  const { wall, ask, carryOut } = await scene();
  await ask("55", [{ name: "show" }]);
  await carryOut();
  expect(wall.calls).toEqual(["eyes", "create", "rocket"]);
});
