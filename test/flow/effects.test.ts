import { expect, it, onTestFinished, vi } from "vitest";
import type { Effect } from "../../src/core/effect.js";
import type { EventOf } from "../../src/core/event.js";
import { Refused, Unanswered, Unavailable } from "../../src/core/failure.js";
import { accountRef, type Owner, owner, repositoryRef, SHARED } from "../../src/core/ref.js";
import { HOUR, instant, MINUTE, parseInstant, SECOND } from "../../src/core/time.js";
import { EffectRunner } from "../../src/flow/effects.js";
import type { Checks, CodeHost, Discussion, Proposals, Tracker } from "../../src/ports.js";
import { storeOn } from "../../src/store/open.js";
import { silent, sqlite } from "../store/databases.js";

const ACME = owner(1);
const OTHER = owner(2);
const REPOSITORY = repositoryRef(7);
const START = parseInstant("2024-05-06T10:00:00Z") ?? instant(0);
const observed = { at: START, precision: "exact", reader: 1 } as const;
const nothing = async () => [];

const described = (of: Owner): readonly [EventOf<"account.described">, EventOf<"repository.described">] => [
  {
    ...observed,
    id: `${accountRef(of)}:described`,
    ref: accountRef(of),
    ...{ type: "account.described", login: `account-${of}`, installation: "5", state: "installed" },
  },
  {
    ...observed,
    id: `${REPOSITORY}:described`,
    ref: REPOSITORY,
    repository: REPOSITORY,
    ...{ type: "repository.described", name: "acme/web", defaultBranch: "main", deleted: false },
    ...{ visibility: "private", archived: false },
  },
];

/** A runner with a clock of its own, that is asked for work every second, as the app asks it. */
async function running(asks: { readonly trace?: CodeHost["trace"]; readonly ticket?: Tracker["ticket"] }) {
  const kind = sqlite();
  const store = await storeOn(await kind.fresh(), { log: silent });
  onTestFinished(async () => {
    await store.close();
    await kind.end();
  });
  let now = START;
  const runner = new EffectRunner({
    store,
    log: silent,
    clock: { now: () => now },
    publicUrl: null,
    policy: { configuration: null, jira: { configured: true, owners: null } },
    // nothing is said here
    ...{ discussion: {} as Discussion, checks: {} as Checks, proposals: {} as Proposals },
    codeHost: {
      ...{ pullRequest: nothing, commits: nothing, compare: nothing, release: nothing, configuration: nothing },
      trace: asks.trace ?? nothing,
    },
    tracker: { ticket: asks.ticket ?? nothing, projects: nothing },
  });
  await store.transaction(async (tx) => {
    for (const of of [ACME, OTHER]) await tx.append(of, described(of));
  });
  return {
    store,
    runner,
    now: () => now,
    want: (effects: readonly Effect[], of: Owner = ACME) => store.transaction((tx) => tx.want(of, effects, now)),
    resume: (of: Owner) => store.transaction((tx) => tx.resume(of, now)),
    pass: (milliseconds: number) => {
      now = instant(now + milliseconds);
    },
    /** Lets time pass, in which all that falls due is carried out. */
    live: async (milliseconds: number, step: number = SECOND) => {
      for (const end = now + milliseconds; now < end; now = instant(now + step)) {
        while (await runner.look()) await runner.settled();
      }
    },
  };
}

const trace = (sha: string): Effect => ({ kind: "trace-commit", repository: REPOSITORY, sha });
const tickets = (count: number): Effect[] =>
  Array.from({ length: count }, (_, index) => ({ kind: "read-ticket", key: `PROP-${index + 1}` }));

it("goes on asking while a key is refused, ever more rarely, to once an hour, and then reads what it waited for", async () => {
  const asked: number[] = [];
  let refused = true;
  const { want, live, now } = await running({
    trace: async () => {
      asked.push(now());
      if (refused) throw new Refused("unauthorized", "GitHub answered 401");
      return [];
    },
  });
  await want([trace("a")]);
  await live(6 * HOUR, 30 * SECOND);
  const pauses = asked.slice(1).map((time, index) => time - (asked[index] ?? 0));
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses.at(-1)).toBeLessThanOrEqual(HOUR + 30 * SECOND);
  expect(asked.length).toBeLessThan(25);
  refused = false;
  await live(HOUR + MINUTE, 30 * SECOND);
  const answered = asked.length;
  await live(3 * HOUR, 30 * SECOND);
  expect(asked).toHaveLength(answered);
});

it.each(["unauthorized", "forbidden", "missing"] as const)(
  "carries out what was %s when the installation comes back",
  async (reason) => {
    const traced = vi.fn<CodeHost["trace"]>().mockRejectedValueOnce(new Refused(reason, "no")).mockResolvedValue([]);
    const { want, live, resume } = await running({ trace: traced });
    await want([trace("a")]);
    await live(400, 200);
    await resume(OTHER);
    await live(400, 200);
    expect(traced).toHaveBeenCalledTimes(1);
    await resume(ACME);
    await live(SECOND);
    expect(traced).toHaveBeenCalledTimes(2);
  },
);

it("leaves a whole account alone when GitHub limits it, and no other", async () => {
  const asked: string[] = [];
  const { want, live, now } = await running({
    trace: async (repository, sha) => {
      asked.push(`${repository.owner} ${sha} ${now() - START}`);
      if (sha === "a" && now() < START + MINUTE) throw new Unavailable("limit", { retryAt: instant(START + MINUTE) });
      return [];
    },
  });
  await want([trace("a")]);
  await live(SECOND);
  await want([trace("b")]);
  await want([trace("c")], OTHER);
  await live(2 * MINUTE);
  expect(asked).toEqual([`${ACME} a 0`, `${OTHER} c 1000`, `${ACME} b ${MINUTE}`, `${ACME} a ${MINUTE}`]);
});

it("tries again no sooner than it was told to, also where that is longer than any limit lasts", async () => {
  const asked: number[] = [];
  const { want, live, now } = await running({
    trace: async () => {
      asked.push(now() - START);
      if (asked.length === 1) throw new Unavailable("limit", { retryAt: instant(START + 3 * HOUR) });
      return [];
    },
  });
  await want([trace("a")]);
  await live(4 * HOUR, MINUTE);
  expect(asked).toEqual([0, 3 * HOUR]);
});

it("does not ask again while a write that was not answered may still be carried out", async () => {
  const asked: number[] = [];
  const { want, live, now } = await running({
    trace: async () => {
      asked.push(now() - START);
      if (asked.length === 1) throw new Unanswered("no answer in time");
      return [];
    },
  });
  await want([trace("a")]);
  await live(MINUTE);
  expect(asked).toEqual([0, 12 * SECOND]);
});

it("reads every healthy ticket soon while many others hang", async () => {
  const read = new Set<string>();
  const held: (() => void)[] = [];
  const hangs = (key: string) => Number(key.slice("PROP-".length)) <= 28;
  const { want, runner, pass } = await running({
    ticket: async (key) => {
      await new Promise<void>((resolve) => held.push(resolve));
      if (hangs(key)) throw new Unavailable("no whole answer in time");
      read.add(key);
      return [];
    },
  });
  for (const effect of tickets(40)) {
    await want([effect], SHARED);
    pass(1);
  }
  // Each answer, good or bad, takes ten seconds; four are asked for at once.
  const round = async () => {
    await runner.look();
    pass(10 * SECOND);
    let over = false;
    void runner.settled().then(() => {
      over = true;
    });
    await vi.waitFor(
      () => {
        for (const answer of held.splice(0)) answer();
        expect(over).toBe(true);
      },
      { interval: 2 },
    );
  };
  for (let count = 0; count < 14; count++) await round();
  expect(read.size).toBe(12);
  await want([{ kind: "read-ticket", key: "PROP-99" }], SHARED);
  await round();
  expect(read).toContain("PROP-99");
});

it("asks a Jira that is away less and less, and reads all that waits soon after it is back", async () => {
  const asked: number[] = [];
  const read = new Set<string>();
  let away = true;
  const { want, live, now } = await running({
    ticket: async (key) => {
      asked.push(now());
      if (away) throw new Unavailable("down");
      read.add(key);
      return [];
    },
  });
  await want(tickets(40), SHARED);
  await live(HOUR, 5 * SECOND);
  expect(asked.filter((time) => time > now() - 20 * MINUTE).length).toBeLessThanOrEqual((20 * MINUTE) / (10 * SECOND) + 40);
  away = false;
  await live(7 * MINUTE, 5 * SECOND);
  expect(read.size).toBe(40);
});

it("gives up on a ticket that we cannot read by a fault of ours, until it is wanted again", async () => {
  const ticket = vi.fn<Tracker["ticket"]>().mockRejectedValue(new TypeError("a fault"));
  const { want, live } = await running({ ticket });
  await want(tickets(1), SHARED);
  await live(2 * HOUR, 5 * SECOND);
  expect(ticket).toHaveBeenCalledTimes(10);
  await want(tickets(1), SHARED);
  await live(5 * SECOND, 5 * SECOND);
  expect(ticket).toHaveBeenCalledTimes(11);
});
