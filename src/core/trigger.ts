import { isProduction } from "./containment.js";
import type { Entry, EntryOf } from "./entry.js";
import { matchesAny, sameName } from "./glob.js";
import type { Trigger, TriggerName } from "./profile.js";
import type { MergeCommit } from "./pull-request.js";
import { isDone, type WorkItem } from "./work-item.js";

const of = <Type extends TriggerName>({ entries }: WorkItem, type: Type): EntryOf<Type>[] =>
  entries.filter((entry): entry is EntryOf<Type> => entry.type === type);

/**
 * The entries of the item that the trigger accepts, in order of time where their time is their own (docs/lead-time.md).
 * `production`: globs of the environments that are; null: as GitHub marks them, or by the usual names.
 */
export function candidates(trigger: Trigger, item: WorkItem, production: readonly string[] | null = null): readonly Entry[] {
  switch (trigger.on) {
    case "ticket.created":
    case "ticket.released":
    case "pull-request.approved":
      return of(item, trigger.on);
    case "ticket.status":
      return statusCandidates(trigger, item);
    case "ticket.field":
      return of(item, "ticket.field").filter(
        ({ field, to }) =>
          sameName(field, trigger.field) && to !== null && (trigger.to?.some((value) => sameName(value, to)) ?? true),
      );
    case "commit.created":
      return commitCandidates(trigger.time ?? "authored", item);
    case "pull-request.opened":
      return of(item, "pull-request.opened").flatMap((entry) => opened(entry, trigger.drafts ?? true));
    case "pull-request.labeled":
      return of(item, "pull-request.labeled").filter(({ label }) => anyName(trigger.labels, label));
    case "pull-request.reviewed":
      return of(item, "pull-request.reviewed").filter(({ comment }) => !comment || (trigger.comments ?? true));
    case "pull-request.merged":
      return of(item, "pull-request.merged").filter(({ base, onDefaultBranch }) =>
        trigger.branches ? matchesAny(trigger.branches, base) : onDefaultBranch,
      );
    case "ci.completed":
      return ciCandidates(trigger, item);
    case "deployment.succeeded":
      return of(item, "deployment.succeeded").filter((entry) => deploysTo(entry, trigger.environments, production));
    case "release.published":
      return of(item, "release.published").filter(({ prerelease }) => !prerelease || (trigger.prereleases ?? false));
    case "api-event":
      return of(item, "api-event").filter(({ eventType }) => sameName(eventType, trigger.type));
  }
}

const anyName = (names: readonly string[] | undefined, name: string): boolean =>
  names?.some((one) => sameName(one, name)) ?? true;

function deploysTo(
  entry: EntryOf<"deployment.succeeded">,
  environments: readonly string[] | "production" | undefined,
  production: readonly string[] | null,
): boolean {
  if (environments === "production") return isProduction(entry, production);
  return environments === undefined || matchesAny(environments, entry.environment);
}

function statusCandidates({ status, category }: Extract<Trigger, { on: "ticket.status" }>, item: WorkItem): Entry[] {
  const byName = (entry: Entry) => entry.type === "ticket.status" && anyName(status, entry.status);
  const byCategory = (entry: Entry) => entry.type === "ticket.status" && entry.category === category;
  const resolved =
    category === "done" ? item.entries.find((entry) => entry.type !== "ticket.status" && isDone(entry)) : undefined;
  return item.entries.filter((entry) =>
    category === undefined ? byName(entry) : byCategory(entry) || entry === resolved || (status !== undefined && byName(entry)),
  );
}

function opened(entry: EntryOf<"pull-request.opened">, drafts: boolean): Entry[] {
  if (drafts || entry.readyAt === entry.at) return [entry];
  return entry.readyAt === null ? [] : [{ ...entry, at: entry.readyAt, note: "counted from when it was ready for review" }];
}

/**
 * Commits by author or committer date. Where the earliest of a pull request is later than its opening,
 * the original commits were replaced: the opening counts.
 */
function commitCandidates(time: "authored" | "committed", item: WorkItem): Entry[] {
  const dated = of(item, "commit.created").map((entry) => (time === "committed" ? { ...entry, at: entry.committedAt } : entry));
  const replaced = item.pullRequests.flatMap(({ ref, openedAt }) => {
    const earliest = dated.filter(({ pullRequest }) => pullRequest === ref).sort((a, b) => a.at - b.at)[0];
    return earliest && earliest.at > openedAt ? [{ ...earliest, at: openedAt, note: REPLACED }] : [];
  });
  return [...dated, ...replaced];
}
const REPLACED = "every commit is later than the opening (rebased or force-pushed): the opening counts";

type CiTrigger = Extract<Trigger, { on: "ci.completed" }>;

function ciCandidates({ workflows, checks, conclusion = "success" }: CiTrigger, item: WorkItem): Entry[] {
  const accepted = of(item, "ci.completed").filter((entry) => conclusion === "any" || entry.conclusion === "success");
  const named = accepted.filter(({ source, name }) => matchesAny((source === "run" ? workflows : checks) ?? [], name));
  return workflows || checks ? named : item.mergeCommits.flatMap((merge) => wholeCi(merge, item, conclusion));
}

/** The time by which every workflow that ran on a merge commit had succeeded (or completed) once; one that never did is named. */
function wholeCi({ sha, pullRequest }: MergeCommit, item: WorkItem, conclusion: "success" | "any"): Entry[] {
  // A mirror has the same commit, and workflows of its own.
  const runs = of(item, "ci.completed").filter(
    (entry) => entry.source === "run" && entry.commit === sha && entry.pullRequest === pullRequest,
  );
  const firsts = new Map<string, EntryOf<"ci.completed">>();
  for (const run of runs) {
    if ((conclusion === "any" || run.conclusion === "success") && !firsts.has(run.name)) firsts.set(run.name, run);
  }
  const last = [...firsts.values()].sort((a, b) => a.at - b.at).at(-1);
  const never = [...new Set(runs.map(({ name }) => name))].filter((name) => !firsts.has(name));
  return last ? [{ ...last, note: never.length > 0 ? `without ${never.join(", ")}: never succeeded` : last.note }] : [];
}
