import type { Choice, Choices } from "../core/explanation.js";
import { timeTo } from "../core/lead-time.js";
import type { Evidence, LeadTime, MeasuredItem, PullRequestHead, Rating, StageTime, TicketHead } from "../core/measurement.js";
import type { Limits } from "../core/profile.js";
import type { Ref } from "../core/ref.js";
import type { Instant, Milliseconds } from "../core/time.js";
import { censor, type Words } from "./censor.js";
import { ofTicket, scmOnly } from "./scm-stages.js";

/** Who reads, and what they may be told. */
export interface Audience {
  /** A public repository whose tickets may not be shown: SCM stages only, and no word of a ticket. */
  readonly public: boolean;
  readonly tickets: "full" | "key" | "hidden";
  readonly ratings: boolean;
}

/** A lead time to show, with all that is known about it. */
export interface CommentTable {
  readonly item: MeasuredItem;
  readonly leadTime: LeadTime;
  readonly ticket: TicketHead | null;
  /** Usual lead times by stage name. */
  readonly usual: ReadonlyMap<string, Milliseconds>;
  /**
   * Whether everything that it was put together from may be told of here. Else its words, of which nobody knows where they
   * came from, stay out: reasons are given plainly, and only what is proved to be told of keeps its address, actor and note.
   */
  readonly open: boolean;
  /** What else might have entered the stages, where that is told. */
  readonly choices?: Choices;
  /** Names another pull request: `#12`, `acme/api#3`; null or `another repository` when it may not be named. */
  readonly others: (pullRequest: Ref) => string | null;
}

/** What may be told of a table, so that no renderer has to know who reads. */
export interface ToldTable {
  readonly leadTime: LeadTime;
  /** `title` is empty where it may not be shown. */
  readonly ticket: Pick<TicketHead, "key" | "title" | "url"> | null;
  readonly usual: ReadonlyMap<string, Milliseconds>;
  readonly choices: Choices;
  /** How a time that goes on is rated, where ratings are told. */
  readonly rate: (since: Instant, now: Instant, limits: Limits) => Rating | null;
  /** The name of the pull request that a proof came from; null: the one at hand, or none. */
  readonly origin: (evidence: Evidence) => string | null;
}

export const ANOTHER_REPOSITORY = "another repository";

interface Reader {
  readonly pullRequest: PullRequestHead;
  readonly audience: Audience;
}

/** The tables as this audience may read them. In public the first alone: how many tickets there are is Jira's to say. */
export function toldTables(tables: readonly CommentTable[], reader: Reader): ToldTable[] {
  const words = censor(reader.audience, tables);
  return (reader.audience.public ? tables.slice(0, 1) : tables).map((table) => told(table, reader, words));
}

function told(table: CommentTable, { pullRequest, audience }: Reader, words: Words): ToldTable {
  const shown = audience.public ? scmOnly(table.leadTime) : table.leadTime;
  const origin = originIn(table, pullRequest);
  const telling: Telling = {
    words,
    open: table.open,
    public: audience.public,
    ratings: audience.ratings,
    evidence: (evidence) =>
      toldEvidence(evidence, audience, isForeign(evidence, { origin: origin(evidence), open: table.open, own: pullRequest })),
  };
  return {
    leadTime: toldLeadTime(shown, telling),
    choices: toldChoices(table, shown, telling),
    rate: (since, now, limits) =>
      audience.ratings ? timeTo(now, since, { limits, workingTime: shown.workingTime }).rating : null,
    ticket: toldTicket(table.ticket, audience),
    // Measured anew, the stages no longer compare with what is usual.
    usual: shown === table.leadTime ? table.usual : new Map(),
    origin,
  };
}

function toldTicket(ticket: TicketHead | null, audience: Audience): ToldTable["ticket"] {
  if (!ticket || audience.public || audience.tickets === "hidden") return null;
  return audience.tickets === "full" ? ticket : { ...ticket, title: "" };
}

const originIn =
  ({ others }: CommentTable, own: PullRequestHead): ToldTable["origin"] =>
  ({ pullRequest }) =>
    pullRequest === null || pullRequest === own.ref ? null : (others(pullRequest) ?? ANOTHER_REPOSITORY);

interface Place {
  readonly origin: string | null;
  readonly open: boolean;
  readonly own: PullRequestHead;
}

/** Whether it happened in a repository of which nothing may be told, or may have. */
function isForeign(evidence: Evidence, { origin, open, own }: Place): boolean {
  if (origin !== null) return origin === ANOTHER_REPOSITORY;
  if (evidence.pullRequest !== null || ofTicket(evidence.event)) return false;
  if (!open) return true;
  const repository = own.url?.replace(/\/pull\/\d+$/, "/");
  return evidence.url !== null && (repository === undefined || !evidence.url.startsWith(repository));
}

interface Telling {
  readonly words: Words;
  readonly open: boolean;
  readonly public: boolean;
  readonly ratings: boolean;
  readonly evidence: (evidence: Evidence) => Evidence;
}

/** When people work is said where their ratings are, and not to everybody; what org units ask for, nowhere here. */
function toldLeadTime({ workingTime, unitNotes, ...leadTime }: LeadTime, telling: Telling): LeadTime {
  const evidence = (proof: Evidence) => withWords(telling.evidence(proof), telling.words);
  return {
    ...leadTime,
    ...(workingTime && telling.ratings && !telling.public ? { workingTime } : {}),
    rating: telling.ratings ? leadTime.rating : null,
    start: leadTime.start && evidence(leadTime.start),
    stages: leadTime.stages.map((stage) => toldStage(stage, { ...telling, evidence })),
    notes: telling.open ? leadTime.notes.flatMap((note) => telling.words(note) ?? []) : [],
  };
}

/** Of what is shown: what came before the clock is not told of where the clock is not. */
function toldChoices({ choices, leadTime }: CommentTable, shown: LeadTime, { words, evidence }: Telling): Choices {
  const told = ({ pick, others }: Choice) => ({ pick, others: others.map((one) => withWords(evidence(one), words)) });
  const start = choices?.start && shown.start === leadTime.start ? told(choices.start) : null;
  const names = new Set(shown.stages.map(({ name }) => name));
  const stages = [...(choices?.stages ?? [])].filter(([name]) => names.has(name));
  return { start, stages: new Map(stages.map(([name, choice]) => [name, told(choice)])) };
}

function toldStage(stage: StageTime, { words, open, ratings, evidence }: Telling): StageTime {
  if ("evidence" in stage) return { ...stage, rating: ratings ? stage.rating : null, evidence: evidence(stage.evidence) };
  const reason = open ? stage.reason : stage.plainReason;
  return { ...stage, reason: (reason && words(reason)) ?? "not seen" };
}

const withWords = (evidence: Evidence, words: Words): Evidence => ({
  ...evidence,
  note: evidence.note && words(evidence.note),
});

function toldEvidence(evidence: Evidence, { tickets }: Audience, foreign: boolean): Evidence {
  if (foreign) return { ...evidence, url: null, actor: null, note: null };
  // The address of a ticket says its key.
  return tickets === "hidden" && ofTicket(evidence.event) ? { ...evidence, url: null } : evidence;
}
