import { type Profile, plainName } from "../core/profile.js";
import { code, row, text } from "./markdown.js";
import { named } from "./profile-words.js";

/** What became of one of the keys that somebody named. */
export interface KeyOutcome {
  readonly said: string;
  /** Null: it was done. Else why not; `form`: it is no key, which tells nothing of any ticket. */
  readonly refusal: { readonly why: string; readonly form: boolean } | null;
}

const MAX_KEY = 40;
const MAX_WHY = 200;
const NO_KEY = "At least one of these is no ticket key: a project, a hyphen and a number.";
const UNTOLD = "Noted. Which tickets there are, and which are linked, is not told here.";

/** What was linked, or no longer is. `secretive`: nothing may be told of tickets, not even whether there are any. */
export function renderLinks(done: "linked" | "unlinked", outcomes: readonly KeyOutcome[], secretive: boolean): string {
  if (secretive) return outcomes.some(({ refusal }) => refusal?.form) ? `${UNTOLD} ${NO_KEY}` : UNTOLD;
  const lines = outcomes.map(({ said, refusal }) => {
    const name = code(said, MAX_KEY) || "–";
    if (refusal === null) return `- ${name} is ${done}.`;
    return `- ${name} is not ${done}: ${text(refusal.why, MAX_WHY)}.`;
  });
  return lines.join("\n");
}

export interface ProfileInput {
  /** Of the pull request. */
  readonly current: string;
  /** Whether somebody chose it. */
  readonly chosen: boolean;
  readonly profiles: readonly Profile[];
  /** Where only names may be told. */
  readonly namesOnly: boolean;
}

const MAX_NAME = 60;
const MAX_TEXT = 120;
const MOST_PROFILES = 30;

/** The profile of a pull request and those that there are. */
export function renderProfiles({ current, chosen, profiles, namesOnly }: ProfileInput): string {
  const by = chosen ? "as somebody chose here" : "as the repository says";
  const heading = `### Measured under ${named(plainName(current))}, ${by}`;
  const shown = profiles.slice(0, MOST_PROFILES);
  const rest = profiles.length - shown.length;
  const cells = ({ name, description, stages }: Profile) => [
    named(plainName(name)),
    ...(namesOnly ? [] : [text(description, MAX_TEXT), text(stages.map((stage) => stage.name).join(" → "), MAX_TEXT)]),
  ];
  const head = namesOnly ? ["| profile |", "|---|"] : ["| profile | what | stages |", "|---|---|---|"];
  const table = [...head, ...shown.map((profile) => row(cells(profile)))].join("\n");
  return [
    heading,
    table,
    ...(rest > 0 ? [`And ${rest} more.`] : []),
    "`/leadtime profile NAME` chooses one for this pull request.",
  ].join("\n\n");
}

/** `unnamed`: where a profile's name may be less known than who reads. */
export const renderChosen = (profile: string, unnamed: boolean): string =>
  `From now on this pull request is measured under ${(!unnamed && code(profile, MAX_NAME)) || "that profile"}.`;

/** `near`: the name that was probably meant. */
export function renderNoProfile(said: string | null, near: string | undefined): string {
  const what =
    said === null
      ? "No profile of that name may be chosen here."
      : `There is no profile ${code(said, MAX_NAME) || "of that name"}.`;
  const meant = near === undefined ? "" : ` Did you mean ${named(near)}?`;
  return `${what}${meant} \`/leadtime profile\` lists them.`;
}
