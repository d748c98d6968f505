import { readFileSync } from "node:fs";
import {
  checkConfiguration,
  definedProfiles,
  type LayerName,
  type LocatedProblem,
  resolveConfiguration,
} from "./core/configuration.js";
import { fieldOf } from "./core/configuration-problem.js";
import { BUILT_IN_PROFILES } from "./core/configuration-profiles.js";
import { checkSeen, type SeenNames } from "./core/configuration-seen.js";
import type { Profile } from "./core/profile.js";
import { jiraOwners } from "./core/tenancy.js";
import { namesSeen } from "./flow/names-seen.js";
import { readBoundedYaml } from "./github/bounded-yaml.js";
import { readConfiguration } from "./github/configuration-file.js";
import { type Meaning, renderCheck } from "./render/configuration-check.js";
import { openNames } from "./store/open-names.js";
import { visible } from "./visible.js";

export interface CheckOptions {
  readonly layer: LayerName;
  /** The organisation's file, and the operator's, below it; undefined: there is none. */
  readonly organisation?: string | undefined;
  readonly deployment?: string | undefined;
  /** Whether Jira is set up, which decides what is measured where no file says it. */
  readonly jira: boolean;
  /** Names that came up; none are compared without a database. */
  readonly seen: SeenNames;
  readonly json: boolean;
}

/**
 * The names that came up in a database that the app uses or has used, in an account; none without such a database, nor when
 * it is not clear whose are meant. `entitled`: the accounts that may use Jira, by name (JIRA_OWNERS); null: none is named.
 */
export async function namesKnown(
  url: string,
  login: string | undefined,
  entitled: readonly string[] | null = null,
): Promise<SeenNames> {
  const names = await openNames(url).catch(() => undefined);
  if (!names) return {};
  const accounts = (await names.accounts()).filter(({ state }) => state !== "deleted");
  const [account, other] = accounts.filter((one) => !login || one.login.toLowerCase() === login.toLowerCase());
  const jira = account !== undefined && jiraOwners(accounts, entitled).includes(account.owner);
  const seen = account && !other ? await namesSeen(names, { owner: account.owner, jira }, { only: null, tickets: true }) : {};
  await names.close();
  return seen;
}

/** What to print, and whether the file is good. */
export interface CheckedText {
  readonly text: string;
  readonly good: boolean;
}

/** What the check run would say of a file. Throws when it, or one below it, is not there, or one below it is not good. */
export function checkFile(path: string, options: CheckOptions): CheckedText {
  const bytes = read(path);
  const { layer } = options;
  const operators = layer === "deployment" ? undefined : options.deployment;
  const deployment = operators === undefined ? null : goodFile(operators, "deployment", []);
  const organisation = options.organisation === undefined ? null : goodFile(options.organisation, "organisation", [deployment]);
  const below = { deployment: [], organisation: [deployment], repository: [deployment, organisation] }[layer];
  const extending = fieldOf(readBoundedYaml(bytes).content, "_extends") !== undefined;
  const place = { layer, ...(extending ? {} : { below }) };
  const { content, problems } = readConfiguration(bytes, (given) => checkConfiguration(given, place));
  const warnings = checkSeen(content, options.seen).map(readBoundedYaml(bytes).locate);
  const lower = { deployment, organisation: layer === "repository" ? organisation : undefined };
  const meaning = problems.length > 0 ? null : meaningOf(content, { ...lower, [layer]: content }, options);
  const file = { path, layer: layer === "repository" ? "repository" : "organisation", there: true } as const;
  const { title, summary } = renderCheck({ ...file, problems, warnings }, meaning);
  const good = problems.length === 0;
  if (options.json) return { good, text: inJson({ path, good, title, problems, warnings, summary }) };
  const lines = [...problems.map((one) => lineOf(path, one, "")), ...warnings.map((one) => lineOf(path, one, "warning: "))];
  const notes = extending ? ["The files that it extends are not read here: names that they may define are not checked."] : [];
  return { good, text: [...lines, ...(good ? [...notes, title, "", summary] : [])].join("\n") };
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error && error.code === "ENOENT" ? "none is there" : "it cannot be read";
    throw new Error(`expected a configuration file at ${visible(path)}, but ${reason}: name another one`);
  }
}

/** What a file below says. Throws when it is not good: what is above it cannot be told then. */
function goodFile(path: string, layer: LayerName, below: readonly unknown[]): unknown {
  const { content, problems } = readConfiguration(read(path), (given) => checkConfiguration(given, { layer, below }));
  const [first] = problems;
  if (first) throw new Error(`the file below is not good: ${lineOf(path, first, "")}`);
  return content;
}

const lineOf = (file: string, { line, column, path, message }: LocatedProblem, kind: string): string =>
  visible(`${file}:${line}:${column}: ${kind}${path === "" || path.startsWith("line ") ? "" : `${path}: `}${message}`);

function meaningOf(content: unknown, layers: Parameters<typeof resolveConfiguration>[0], { jira }: CheckOptions): Meaning {
  const configuration = resolveConfiguration(layers, "");
  const byDefault = jira ? "ticket-to-release" : "pull-request";
  const asked = configuration.profile ?? byDefault;
  const found = configuration.profiles.get(asked);
  const profile = found ?? BUILT_IN_PROFILES.get(byDefault);
  if (!profile) throw new TypeError(`no built-in profile is called ${byDefault}`);
  const notes = found ? [] : [`Profile ${asked} is not defined here`];
  const defined = definedProfiles(content).flatMap((name) => configuration.profiles.get(name) ?? []);
  const others = defined.filter(({ name }) => name !== profile.name);
  const whole = (one: Profile) => ({ profile: one, whole: true });
  const own = { ...whole(profile), notes };
  return { configuration, own, defined: others.map(whole), public: false, tickets: true, change: null };
}

interface Told {
  readonly path: string;
  readonly good: boolean;
  readonly title: string;
  readonly problems: readonly LocatedProblem[];
  readonly warnings: readonly LocatedProblem[];
  readonly summary: string;
}

const inJson = ({ path, good, title, problems, warnings, summary }: Told): string =>
  JSON.stringify({ file: path, good, title, problems: problems.map(shown), warnings: warnings.map(shown), summary });

const shown = ({ path, line, column, endColumn, expected, found, nearest, message }: LocatedProblem) => ({
  ...{ line, column, endColumn, path, expected, found, nearest, message },
});
