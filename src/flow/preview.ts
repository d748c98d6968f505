import type { Configuration } from "../core/configuration.js";
import { pullRequestOf, type Ref } from "../core/ref.js";
import { DAY, type Instant, instant, type Milliseconds, milliseconds, SECOND } from "../core/time.js";
import type { Clock, Queries } from "../ports.js";
import { type Preview, renderPreview } from "../render/preview.js";
import { Gathering, gatheringFor, type Policy } from "./gather.js";
import { measureItems } from "./measure.js";
import { type Overlay, overlayOn, type Proposal } from "./overlay.js";
import { tellChanges } from "./preview-told.js";

/** When looking further stops, and how often it pauses. */
export interface Bounds {
  readonly items: number;
  readonly time: Milliseconds;
  /** Then whatever else waits goes first. */
  readonly atOnce: number;
}

export interface PreviewParts {
  readonly queries: Queries;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly bounds?: Bounds;
}

const DAYS = 90;
/**
 * Of so many items a median hardly moves with more of them. Somebody waits for the check, and an effect is left to one
 * process for two minutes (`effects.ts`). So few at once that a webhook, which comes in between, hardly waits.
 */
const BOUNDS: Bounds = { items: 2_000, time: milliseconds(30 * SECOND), atOnce: 20 };

/**
 * What a file would change of the last 90 days, in Markdown for where it was proposed; null where the repository is not
 * known. Everything is measured as it would be under that file, from what is stored: it writes nothing, locks nothing and asks nobody.
 */
export async function previewOf(parts: PreviewParts, proposal: Proposal): Promise<string | null> {
  const preview = await previewed(parts, proposal);
  return preview && renderPreview(preview.told);
}

export interface Previewed {
  readonly told: Preview;
  /** The items as they would be measured. */
  readonly items: Overlay["items"];
}

/** What `previewOf` tells, as data. */
export async function previewed(parts: PreviewParts, proposal: Proposal): Promise<Previewed | null> {
  const { queries, policy, clock, bounds = BOUNDS } = parts;
  const { owner, repository } = proposal;
  const now = clock.now();
  const overlay = overlayOn(queries, proposal, now);
  const before = await gatheringFor(queries, policy, owner);
  const after = new Gathering(overlay, before);
  const state = await before.repository(repository);
  if (!state || state.described.deleted) return null;
  const since = instant(now - DAYS * DAY);
  const items = await affected(queries, proposal, { since, relink: await keysChange(before, after, proposal) });
  const looked = await measureAnew({ overlay, after, clock, bounds }, items.slice(0, bounds.items));
  const told = await tellChanges({ queries, overlay, now: before, before: state, after, proposal, since });
  const sample = sampleOf(looked, items.length, { bounds, hidden: state.described.visibility !== "private" });
  return { told: { ...told, days: DAYS, sample }, items: overlay.items };
}

/** Which bound was reached. How many items there are is told only where all of them may be told of. */
function sampleOf(
  looked: number,
  of: number,
  { bounds, hidden }: { readonly bounds: Bounds; readonly hidden: boolean },
): Preview["sample"] {
  if (looked >= of) return null;
  return { bound: looked < bounds.items ? "time" : "items", counts: hidden ? null : { looked, of } };
}

/** Whether tickets are looked for by other rules: then links change, also of what was merged long ago. */
async function keysChange(before: Gathering, after: Gathering, { layer, repository }: Proposal): Promise<boolean> {
  const rules = async (gathering: Gathering): Promise<string> => {
    const own = layer === "repository" ? (await gathering.repository(repository))?.configuration : undefined;
    return keyRules(own ?? (await gathering.defaults()));
  };
  return (await rules(before)) !== (await rules(after));
}

const keyRules = ({ ticketKeys: { projects, from } }: Configuration): string =>
  JSON.stringify([projects && [...projects].sort(), from]);

/**
 * What was finished since then, the newest first. `relink`: then whatever may name a ticket, since what was merged or is under
 * way at another time may be of one that was finished in it.
 */
async function affected(
  queries: Queries,
  { owner, layer, repository }: Proposal,
  { since, relink }: { readonly since: Instant; readonly relink: boolean },
): Promise<Ref[]> {
  const scope = layer === "repository" ? repository : undefined;
  const finished = await queries.finishedSince(owner, since, scope);
  if (!relink) return finished;
  const pullRequests = await queries.subjects(owner, "pull-request", scope);
  const newest = pullRequests.sort((one, other) => pullRequestOf(other).number - pullRequestOf(one).number);
  return [...new Set([...finished, ...newest, ...(await queries.subjects(owner, "commit", scope))])];
}

interface Measuring {
  readonly overlay: Overlay;
  readonly after: Gathering;
  readonly clock: Clock;
  readonly bounds: Bounds;
}

/** Measures them in turn, while there is time. Returns how many. */
async function measureAnew({ overlay, after, clock, bounds }: Measuring, items: readonly Ref[]): Promise<number> {
  const until = clock.now() + bounds.time;
  let looked = 0;
  while (looked < items.length && clock.now() < until) {
    const some = items.slice(looked, looked + bounds.atOnce);
    // What was measured with another is measured: with its links, all that names it was.
    const left = some.filter((ref) => !overlay.items.has(ref));
    if (left.length > 0) await measureItems(overlay, after, { items: left, now: clock.now() });
    looked += some.length;
    await new Promise((next) => setImmediate(next));
  }
  return looked;
}
