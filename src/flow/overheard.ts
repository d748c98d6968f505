import { pullRequestOf, type Ref } from "../core/ref.js";
import type { Transaction } from "../ports.js";
import { isForEverybody } from "./for-everybody.js";
import type { Gathering } from "./gather.js";

/** Of these pull requests, those where everybody reads now what was answered when fewer did. */
export async function overheard(tx: Transaction, gathering: Gathering, pullRequests: readonly Ref[]): Promise<Ref[]> {
  const told = await tx.toldAnswers(gathering.owner, pullRequests);
  const states = await Promise.all(told.map((ref) => gathering.repository(pullRequestOf(ref).repository)));
  return told.filter((_, index) => states[index] && isForEverybody(states[index]));
}
