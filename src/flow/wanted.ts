import { type Effect, subjectOf } from "../core/effect.js";
import type { Owner } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { Transaction } from "../ports.js";

/** Effects that came up in a transaction. `at`: from when on they are due. */
export interface Wanted {
  readonly owner: Owner;
  readonly effects: readonly Effect[];
  readonly at: Instant;
}

/** Wants them all at the transaction's end, in one order, so that two transactions never wait for each other in a circle. */
export async function wantAll(tx: Transaction, wanted: readonly Wanted[]): Promise<void> {
  const each = wanted.flatMap(({ owner, effects, at }) =>
    effects.map((effect) => ({ owner, effect, at, subject: subjectOf(effect) })),
  );
  const runs: { readonly owner: Owner; readonly at: Instant; readonly effects: Effect[] }[] = [];
  for (const { owner, effect, at } of each.sort((a, b) => inOrder(a.owner, b.owner) || inOrder(a.subject, b.subject))) {
    const run = runs.at(-1);
    if (run?.owner === owner && run.at === at) run.effects.push(effect);
    else runs.push({ owner, at, effects: [effect] });
  }
  for (const { owner, effects, at } of runs) await tx.want(owner, effects, at);
}

const inOrder = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
