import { checkProfiles } from "./configuration-check-profiles.js";
import { filesOf } from "./configuration-extends.js";
import { MOST, problemsOf, UNSAID } from "./configuration-issue.js";
import { type Problem, problem, unknownName } from "./configuration-problem.js";
import { BUILT_IN_PROFILES, type Profiles, withProfiles } from "./configuration-profiles.js";
import { type WrittenConfiguration, writtenConfiguration } from "./configuration-schema.js";

export type LayerName = "deployment" | "organisation" | "repository";

/** Where a file stands: what may be in it, and what it may name. */
export interface Place {
  readonly layer?: LayerName;
  /** What the files below it say, lowest first; without it, names that one of them may define are not checked. */
  readonly below?: readonly unknown[];
}

/** What a file says, or everything that is wrong with it. No file (null) is good and says nothing. */
export function readWritten(
  content: unknown,
  { layer, below }: Place = {},
): { readonly written: WrittenConfiguration; readonly problems: readonly Problem[] } {
  const parsed = writtenConfiguration.safeParse(content ?? {}, UNSAID);
  if (!parsed.success) return { written: {}, problems: problemsOf(parsed.error.issues, content, writtenConfiguration) };
  const lower = below ? profilesBelow(below) : null;
  const problems = [
    ...checkLayer(parsed.data, layer),
    ...checkProfiles(parsed.data.profiles ?? {}, lower),
    ...checkOrgUnits(parsed.data),
    ...(lower ? checkNames(parsed.data, lower) : []),
  ];
  return problems.length > 0 ? { written: {}, problems: problems.slice(0, MOST) } : { written: parsed.data, problems };
}

/** Everything that is wrong with a file's content; an empty list: it is good. */
export const checkConfiguration = (content: unknown, place?: Place): readonly Problem[] => readWritten(content, place).problems;

const profilesBelow = (files: readonly unknown[]): Profiles =>
  files
    .flatMap(filesOf)
    .reduce<Profiles>((profiles, file) => withProfiles(profiles, readWritten(file).written.profiles), BUILT_IN_PROFILES);

/** What some layers may not decide. */
function checkLayer(written: WrittenConfiguration, layer: LayerName | undefined): Problem[] {
  if (layer === undefined) return [];
  return MISPLACED[layer]
    .filter(({ key }) => written[key] !== undefined)
    .map(({ key, belongs }) =>
      problem([key], { marks: "key", expected: `${key} only in ${belongs}`, found: `it in ${WHOSE[layer]}` }),
    );
}

const WHOSE = {
  deployment: "the operator's file",
  organisation: "the organisation's file",
  repository: "a repository's file",
} as const satisfies Record<LayerName, string>;
const ORGANISATION = "the organisation's file (.github/leadtime.yml in its repository .github)";
const PUBLIC_TICKETS = { key: "publicTickets", belongs: "the operator's file (LEADTIME_CONFIG)" } as const;
const MISPLACED = {
  deployment: [{ key: "_extends", belongs: "files at GitHub" }],
  organisation: [PUBLIC_TICKETS],
  repository: [{ key: "orgUnits", belongs: ORGANISATION }, { key: "dora", belongs: ORGANISATION }, PUBLIC_TICKETS],
} as const satisfies Record<LayerName, readonly { readonly key: keyof WrittenConfiguration; readonly belongs: string }[]>;

const checkOrgUnits = ({ orgUnits = {} }: WrittenConfiguration): Problem[] =>
  Object.entries(orgUnits)
    .filter(([, { repositories, projects }]) => !repositories && !projects)
    .map(([name]) =>
      problem(["orgUnits", name], {
        marks: "key",
        expected: `"repositories" or "projects": what belongs to it`,
        found: "neither",
      }),
    );

/** Names of profiles, each among those that are known where it stands. */
function checkNames({ profile, profiles = {}, orgUnits = {} }: WrittenConfiguration, below: Profiles): Problem[] {
  const all = [...new Set([...below.keys(), ...Object.keys(profiles)])];
  const uses = [
    ...(profile === undefined ? [] : [{ steps: ["profile"], name: profile, names: all }]),
    ...Object.entries(orgUnits).flatMap(([unit, { profile: name }]) =>
      name === undefined ? [] : [{ steps: ["orgUnits", unit, "profile"], name, names: all }],
    ),
  ];
  const copies = Object.entries(profiles).flatMap(([own, { extends: name }]) => {
    const names = all.filter((one) => one !== own || below.has(own));
    return name === undefined ? [] : [{ steps: ["profiles", own, "extends"], name, names }];
  });
  const isTypeless = (name: string) => !profiles[name] && below.get(name) === API_EVENT;
  return [
    ...uses.filter(({ name }) => isTypeless(name)).map(({ steps }) => problem(steps, TYPELESS)),
    ...[...uses, ...copies]
      .filter(({ name, names }) => !names.includes(name))
      .slice(0, MOST)
      .map(({ steps, name, names }) => unknownName(steps, "the name of a profile", name, names)),
  ];
}

const API_EVENT = BUILT_IN_PROFILES.get("api-event");
const TYPELESS = {
  expected: `a profile that extends api-event and gives "start: { on: api-event, type: … }"`,
  found: "api-event itself, which has no event type",
};
