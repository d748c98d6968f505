import type { Change, Comparison, Figures, ProfileChange, StageChange } from "../core/comparison.js";
import type { Rating } from "../core/measurement.js";
import type { Profile } from "../core/profile.js";
import { formatDuration, type Milliseconds } from "../core/time.js";
import { code, row, text } from "./markdown.js";
import { ratingWords } from "./words.js";

/** A link to a ticket that comes or goes: `#12` or a commit, and the ticket's key. */
export interface NamedLink {
  readonly from: string;
  readonly key: string;
}

/** What a configuration file would change, as far as it may be told where people read it. */
export interface Preview {
  readonly comparison: Comparison;
  /** Which of the totals a profile's reports begin with. */
  readonly overall: (profile: string) => Profile["overall"];
  /** How many days back items were finished. */
  readonly days: number;
  /** `acme/web`, whose own profiles are called by their plain names. */
  readonly home: string;
  /** Null where nothing of tickets may be told. `named`: whether their keys may be. */
  readonly links: {
    readonly gained: readonly NamedLink[];
    readonly lost: readonly NamedLink[];
    readonly named: boolean;
  } | null;
  /** Why not all were looked at, and how many of how many, if that may be told; null: all of them were. */
  readonly sample: {
    readonly bound: "items" | "time";
    readonly counts: { readonly looked: number; readonly of: number } | null;
  } | null;
}

const MAX_NAME = 60;
/** What follows the fourth table says little; and with all else that a check says it has to fit in 65,535 characters. */
const MAX_TABLES = 4;
const MAX_ROWS = 30;
const MAX_LINKS = 20;

/** What would change, in GitHub's Markdown: a sentence, then a table for each profile under which anything does. */
export function renderPreview(preview: Preview): string {
  const { profiles } = preview.comparison;
  const rest = profiles.length - MAX_TABLES;
  return [
    [headline(preview), ...sampled(preview)].join(" "),
    ...profiles.slice(0, MAX_TABLES).map((profile) => profileBlock(profile, preview)),
    ...(rest > 0 ? [`And so do ${rest} more sets of items.`] : []),
    ...linkLists(preview),
  ].join("\n\n");
}

function headline({ comparison: { items, changed, profiles }, overall, days, links }: Preview): string {
  const finished = `finished in the last ${days} days`;
  const [first] = profiles;
  const linked = linkSentence(links);
  if (!first && items === 0) return [`No item was ${finished}, so that there are no figures to compare.`, ...linked].join(" ");
  if (!first) return [`Under this file no figure changes of the ${counted(items, "item")} ${finished}.`, ...linked].join(" ");
  const total = overall(nameOf(first)) === "of-totals" ? first.ofTotals : first.sumOfStages;
  // Under each of its other profiles an item has one more rating, which no comment shows.
  const own = profiles.filter((profile) => profile.own).flatMap(({ ratings: changes }) => changes);
  const ratings = own.reduce((all, one) => all + one.items, 0);
  const of = first.kind === "ticket" ? "of tickets" : "of pull requests";
  return [
    `Under this file **${changed} of ${counted(items, "item")}** ${finished} ${changed === 1 ? "changes" : "change"}:`,
    `median total ${of} ${isMoved(total, medianOf) ? "" : "still "}${moved(total, medianOf)}.`,
    ratings > 0 ? `${counted(ratings, "total rating")} ${ratings === 1 ? "changes" : "change"}.` : "No total rating changes.",
    ...linked,
  ].join(" ");
}

const nameOf = ({ profile }: ProfileChange): string => profile.after ?? profile.before ?? "";

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function linkSentence(links: Preview["links"]): string[] {
  const { gained = [], lost = [] } = links ?? {};
  if (gained.length + lost.length === 0) return [];
  const parts = [
    ...(gained.length > 0 ? [`${counted(gained.length, "link")} to tickets ${gained.length === 1 ? "comes" : "come"}`] : []),
    ...(lost.length > 0 ? [`${counted(lost.length, "link")} to tickets ${lost.length === 1 ? "goes" : "go"}`] : []),
  ];
  return [`${parts.join(", ")}.`];
}

function sampled({ sample }: Preview): string[] {
  if (!sample) return [];
  const { bound, counts } = sample;
  const why = bound === "time" ? "there was no time for more" : "no more are looked at";
  const which = counts ? `${counts.looked} of ${counted(counts.of, "item")}` : "items";
  return [`This is a sample, since ${why}: the newest ${which} were looked at.`];
}

const HEADER = ["| Stage | Lead times | Median | p90 | Ratings changed |", "|---|---|---|---|---|"];

function profileBlock(change: ProfileChange, { home, overall }: Preview): string {
  const { kind, items, changed, stages, sumOfStages, ofTotals } = change;
  const what = counted(items, kind === "ticket" ? "ticket" : "pull request");
  const others = change.ratings.reduce((all, one) => all + one.items, 0);
  const totals = [
    row(["**Sum of the stages**", moved(sumOfStages, countOf), moved(sumOfStages, medianOf), moved(sumOfStages, p90Of), "–"]),
    row(["**Total of an item**", moved(ofTotals, countOf), moved(ofTotals, medianOf), moved(ofTotals, p90Of), String(others)]),
  ];
  if (overall(nameOf(change)) === "of-totals") totals.reverse();
  const rest = stages.length - MAX_ROWS;
  const table = [...HEADER, ...stages.slice(0, MAX_ROWS).map(stageRow), ...totals];
  return [
    `**${what}** ${underWhich(change.profile, home)}, of which ${changed} ${changed === 1 ? "changes" : "change"}:`,
    [...table, ...(rest > 0 ? ["", `And ${rest} more stages.`] : [])].join("\n"),
    ...ratingList(change),
  ].join("\n\n");
}

function underWhich({ before, after }: Change<string | null>, home: string): string {
  const name = (profile: string) =>
    code(profile.startsWith(`${home}:`) ? profile.slice(home.length + 1) : profile, MAX_NAME) || "–";
  if (after === null) return `no longer measured under ${name(before ?? "")}`;
  if (before === null) return `newly measured under ${name(after)}`;
  return before === after ? `under ${name(after)}` : `under ${name(after)} instead of ${name(before)}`;
}

function stageRow(stage: StageChange): string {
  const { before, after, ratings } = stage;
  const mark = before === null ? " (new)" : after === null ? " (removed)" : "";
  const name = `${text(stage.name, MAX_NAME) || "–"}${mark}`;
  const rated = before && after ? String(ratings) : "–";
  return row([name, moved(stage, countOf), moved(stage, medianOf), moved(stage, p90Of), rated]);
}

type Figure = (figures: Figures) => string;
const countOf: Figure = ({ count }) => String(count);
const medianOf: Figure = ({ median }) => duration(median);
const p90Of: Figure = ({ p90 }) => duration(p90);
const duration = (value: Milliseconds | null): string => (value === null ? "–" : formatDuration(value));

type Sides = Change<Figures | null>;
const shown = (side: Figures | null, figure: Figure): string => (side ? figure(side) : "–");
const isMoved = ({ before, after }: Sides, figure: Figure): boolean => shown(before, figure) !== shown(after, figure);

/** `4h`, or `4h → 2h`. */
const moved = (sides: Sides, figure: Figure): string =>
  `${isMoved(sides, figure) ? `${shown(sides.before, figure)} → ` : ""}${shown(sides.after, figure)}`;

function ratingList({ ratings }: ProfileChange): string[] {
  if (ratings.length === 0) return [];
  const name = (rating: Rating | null) => (rating ? ratingWords(rating) : "none");
  return [`Total ratings: ${ratings.map(({ from, to, items }) => `${name(from)} → ${name(to)} ${items}`).join(", ")}.`];
}

function linkLists({ links }: Preview): string[] {
  if (!links?.named) return [];
  return [...linkList("Links that come", links.gained), ...linkList("Links that go", links.lost)];
}

/** In code spans, so that nothing is cross-referenced. */
function linkList(title: string, links: readonly NamedLink[]): string[] {
  if (links.length === 0) return [];
  const shown = links.slice(0, MAX_LINKS).map(({ from, key }) => `${code(from, MAX_NAME)} ${code(key, MAX_NAME)}`);
  const rest = links.length - shown.length;
  return [`${title}: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`];
}
