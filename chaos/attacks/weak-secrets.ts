import { type Environment, readSettings, SettingsError } from "../../src/settings.js";
import { startWorld } from "../../src/simulator/world.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { EndedEarly } from "../process.js";
import { post, signed } from "../senders.js";

/** S1: with a secret that can be guessed the app does not start, and says which variable it is. */
export const weakSecrets: Experiment = {
  id: "S1",
  title: "weak secrets",
  inTests: true,
  controls: [
    {
      says: "15 bytes will do",
      file: "src/setting-rules.ts",
      before: "Buffer.byteLength(text) < 16",
      after: "Buffer.byteLength(text) < 15",
    },
    {
      says: "Probot's own default will do, in capitals",
      file: "src/setting-rules.ts",
      before: 'text.trim().toLowerCase() === "development"',
      after: 'text === "development" || text.length > 99',
    },
    {
      says: "the message repeats the secret",
      file: "src/setting-rules.ts",
      before: 'bad("is shorter than 16 bytes")',
      after: 'bad("is too short: " + text)',
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const environment = { ...world.environment(), ...OTHERS, DATABASE_URL: `sqlite:${await campaign.folder()}/leadtime.db` };
    return [...asRead(environment), ...(await asStarted(campaign, environment)), ...(await unsigned(campaign, environment))];
  },
};

const GOOD = "sixteen bytes ok";
const SECRETS = [
  "WEBHOOK_SECRET",
  "WEBHOOK_SECRET_PREVIOUS",
  "JIRA_WEBHOOK_SECRET",
  "JIRA_WEBHOOK_SECRET_PREVIOUS",
  "SESSION_SECRET",
] as const;
const OTHERS = {
  WEBHOOK_SECRET_PREVIOUS: GOOD,
  JIRA_WEBHOOK_SECRET_PREVIOUS: GOOD,
  GITHUB_CLIENT_ID: "Iv1.0123456789abcdef",
  GITHUB_CLIENT_SECRET: "0123456789abcdef0123456789abcdef01234567",
  SESSION_SECRET: GOOD,
};
const WEAK = [
  "development",
  "Development",
  "DEVELOPMENT     ",
  "    development    ",
  "secret",
  "0123456789abcde",
  "öööööööa",
  "x",
];
/** Without them the app does not start either; what may be left out may also be blank. */
const BLANK = ["", " ", "\t\n                    "];

interface Try {
  readonly variable: string;
  readonly value: string;
}
const TRIES: readonly Try[] = [
  ...SECRETS.flatMap((variable) => WEAK.map((value) => ({ variable, value }))),
  ...BLANK.map((value) => ({ variable: "WEBHOOK_SECRET", value })),
];

/** What is said of the settings; undefined: they are taken. */
function saidOf(environment: Environment): string | undefined {
  try {
    readSettings(environment);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join("\n");
    throw error;
  }
}

/** Every line begins with its variable; a value of one letter may be in any word. */
const names = (said: string, { variable }: Try): boolean => said.split("\n").every((line) => line.startsWith(`${variable} `));
const tells = (said: string, { value }: Try): boolean => value.trim().length > 3 && said.includes(value.trim());

function figuresOf(how: string, all: readonly (readonly [Try, string | undefined])[]): Figure[] {
  const taken = all.filter(([, said]) => said === undefined);
  const told = all.flatMap(([one, said]) => (said === undefined ? [] : [[one, said] as const]));
  return [
    exactly(`weak secrets taken${how}, of ${all.length}`, taken.length, 0),
    exactly(`refusals${how} that do not name just that variable`, told.filter(([one, said]) => !names(said, one)).length, 0),
    exactly(`refusals${how} that tell the value`, told.filter(([one, said]) => tells(said, one)).length, 0),
  ];
}

function asRead(environment: Environment): Figure[] {
  const all = TRIES.map((one) => [one, saidOf({ ...environment, [one.variable]: one.value })] as const);
  const good = SECRETS.filter((variable) => saidOf({ ...environment, [variable]: GOOD }) !== undefined);
  return [...figuresOf("", all), exactly("secrets of 16 bytes that are refused", good.length, 0)];
}

async function asStarted(campaign: Campaign, environment: Readonly<Record<string, string>>): Promise<Figure[]> {
  const tries = TRIES.filter((_, index) => index % campaign.of(4, 15) === 0);
  const all = await Promise.all(
    tries.map(async (one) => [one, await refusalOf(campaign, { ...environment, [one.variable]: one.value })] as const),
  );
  return figuresOf(" by a process", all);
}

/** What it wrote before it ended with code 1; undefined when it did not. */
async function refusalOf(campaign: Campaign, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  try {
    const running = await campaign.start(environment);
    await running.end("SIGKILL");
    return undefined;
  } catch (error) {
    if (!(error instanceof EndedEarly) || error.code !== 1) throw error;
    return error.message.replace(/^the app ended with 1: /, "").trim();
  }
}

/** Where Jira's secret is left out nothing opens: no guess at a secret is taken. */
async function unsigned(campaign: Campaign, environment: Readonly<Record<string, string>>): Promise<Figure[]> {
  const { JIRA_WEBHOOK_SECRET: _, JIRA_WEBHOOK_SECRET_PREVIOUS: __, ...without } = environment;
  const app = await campaign.start({ ...without, JIRA_WEBHOOK_SECRET: "" });
  const guesses = ["", "development", "undefined", "null", environment.WEBHOOK_SECRET ?? ""];
  const statuses = await Promise.all(
    guesses.map(async (secret) => {
      const { headers, body } = signed("{}", { id: "1", event: "x", secret });
      const signature = headers["x-hub-signature-256"] ?? "";
      const webhook = { source: "jira" as const, id: "1", body, headers: { ...headers, "x-hub-signature": signature } };
      return (await post(app.url, webhook)).status;
    }),
  );
  return [
    exactly(
      `Jira's secret left out: deliveries not refused with 403, of ${guesses.length}`,
      statuses.filter((status) => status !== 403).length,
      0,
    ),
  ];
}
