import type { Command } from "../core/command.js";
import type { Event } from "../core/event.js";
import type { Permission, Question } from "../core/question.js";
import type { Owner, Ref } from "../core/ref.js";
import type { Clock, CodeHost, Discussion, Log, Repository, Store, Tracker } from "../ports.js";
import { absorb } from "./absorb.js";
import { gatheringFor, type Policy } from "./gather.js";
import { measureFor } from "./measure-dirty.js";
import type { Pace } from "./pace.js";
import { wantAll } from "./wanted.js";

export interface AnswerParts {
  readonly store: Store;
  readonly codeHost: CodeHost;
  readonly discussion: Discussion;
  readonly tracker: Tracker | null;
  readonly policy: Policy;
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: Pace;
}

/** What somebody asks, and where. */
export interface Asked {
  readonly owner: Owner;
  readonly pullRequest: Ref;
  readonly question: Question;
}

/** The same, with the repository as it is now. */
export interface AskedHere extends Asked {
  readonly repository: Repository;
  readonly parts: AnswerParts;
}

/** What a command gets: an answer in Markdown, or none; and whether it was understood, allowed, and done. */
export interface Reply {
  readonly markdown: string | null;
  readonly fine: boolean;
}

/** One command among those of a question. `room`: characters for its reply. */
export interface Asking extends AskedHere {
  readonly command: Command;
  readonly position: number;
  readonly permission: Permission;
  readonly room: number;
}

/** Stores events, then measures the pull request with its tickets, so that what is told of it next is as of now. */
export async function measureNow(
  { owner, pullRequest, parts }: Pick<AskedHere, "owner" | "pullRequest" | "parts">,
  events: readonly (readonly [Owner, readonly Event[]])[] = [],
): Promise<void> {
  const { store, policy, clock } = parts;
  const now = clock.now();
  const { jira } = await gatheringFor(store, policy, owner);
  // Items are measured after their events are committed: of two that measure one, the later sees all.
  if (events.some(([, all]) => all.length > 0))
    await store.transaction(async (tx) => {
      for (const [of, all] of events) await absorb(tx, of, all, now);
    });
  await store.transaction(async (tx) =>
    wantAll(tx, await measureFor(tx, { owner, jira, refs: new Set([pullRequest]) }, parts)),
  );
}
