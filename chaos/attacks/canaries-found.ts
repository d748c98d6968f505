import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { CANARIES, type Canary, found, seeded, spoilt, withHeaders } from "../canaries.js";
import { canStartCluster } from "../cluster.js";
import { atLeast, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { commentsOf } from "../lives.js";
import { finished, until } from "../look.js";
import { EndedEarly, type Running } from "../process.js";
import { isTaken, send } from "../senders.js";
import { type StoredText, textsIn } from "../texts.js";

/** S5: secrets, headers, payloads and foreign answers turn up neither in the log nor in answers, comments or tables where they do not belong. */
export const canariesFound: Experiment = {
  id: "S5",
  title: "canaries in secrets, headers, payloads and answers",
  inTests: true,
  controls: [
    {
      says: "the log tells all that an error carries",
      file: "src/log.ts",
      before: "serializers: { err: (error: unknown) => tellable(error) }",
      after: "serializers: { err: (error: unknown) => Object.assign({}, error, tellable(error)) }",
    },
    {
      says: "secrets are not blotted out of the log",
      file: "src/log.ts",
      before: "const blotted = blotting(secretsIn(settings));",
      after: "const blotted = blotting(secretsIn(level));",
    },
    {
      says: "a message quotes what GitHub answered",
      file: "src/github/failure.ts",
      before: "const said = ",
      after: "const said = JSON.stringify(response.data) + ",
    },
  ],
  run: async (campaign) => {
    const onFile = `sqlite:${await campaign.folder()}/leadtime.db`;
    const figures = [...(await searched(campaign, "SQLite", onFile)), ...(await failedStarts(campaign))];
    if (campaign.size === "small" || !canStartCluster()) return figures;
    const database = new URL(await (await campaign.cluster()).database());
    database.password = "canary-password-of-the-database";
    return [...figures, ...(await searched(campaign, "PostgreSQL", String(database)))];
  },
};

/** What an error may carry, which nothing of ours threw. */
const FAILING = `
const error = Object.assign(new Error("planted: " + process.env.JIRA_API_TOKEN + " " + process.env.WEBHOOK_SECRET), {
  request: { headers: { authorization: "Basic ${CANARIES.header}" }, url: "https://a.example/?t=${CANARIES.address}" },
  response: { data: "${CANARIES.answer}" },
  event: { payload: { body: "${CANARIES.unread}" } },
  cause: Object.assign(new Error("cause: " + process.env.PRIVATE_KEY), { config: { auth: process.env.JIRA_API_TOKEN } }),
});
const look = setInterval(() => {
  if (process.listenerCount("unhandledRejection") === 0) return;
  clearInterval(look);
  void Promise.reject(error);
}, 20).unref();`;

const EXTRA = {
  WEBHOOK_SECRET_PREVIOUS: "canary-previous-secret-of-github",
  JIRA_WEBHOOK_SECRET_PREVIOUS: "canary-previous-secret-of-jira",
  GITHUB_CLIENT_ID: "Iv1.0123456789abcdef",
  GITHUB_CLIENT_SECRET: "canary-client-secret-of-the-app",
  SESSION_SECRET: "canary-secret-of-the-sessions",
};

type Named = readonly (readonly [string, string])[];

async function searched(campaign: Campaign, on: string, url: string): Promise<Figure[]> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  const environment: Record<string, string> = { ...world.environment(), ...EXTRA, DATABASE_URL: url };
  const besides = join(await campaign.folder(), "besides.mjs");
  await writeFile(besides, FAILING);
  const app = await campaign.start({
    ...{ ...environment, LOG_LEVEL: "trace", SOME_SECRET: CANARIES.environment },
    NODE_OPTIONS: `--import ${pathToFileURL(besides).href}`,
  });
  await life(world, app, environment);
  await finished(url, 120_000);
  const answers = await probed(app.url);
  await until("the planted failure is logged", () => app.written().includes("planted"));
  await app.end("SIGTERM");
  const secrets = secretsOf(world, environment);
  return figuresOf(on, {
    ...{ secrets, answers, log: app.written() },
    comments: [...commentsOf(world).values()].flat().map((text) => text.replaceAll("\u200b", "")),
    texts: await textsIn(url),
  });
}

/** All that goes over the wire, with canaries in all of it, while GitHub and Jira fail now and then. */
async function life(world: World, app: Running, environment: Readonly<Record<string, string>>): Promise<void> {
  const secrets = { github: environment.WEBHOOK_SECRET ?? "", jira: environment.JIRA_WEBHOOK_SECRET ?? "" };
  const { name } = CANARIES;
  await playTicketLife(world, GOLDEN_TIMES, {
    ...{
      title: `Title ${name}`,
      branch: `feature/PROP-1460-${name}`,
      version: `1.0 ${name}`,
      environment: `production ${name}`,
    },
  });
  const file = `profile: ${CANARIES.file}\nstages: [${CANARIES.file}]\ncomment: { enabled: ${CANARIES.file} }\n`;
  const push = { branch: "main", commits: [{ message: name, files: { ".github/leadtime.yml": file } }] };
  await world.github.push({ repository: "acme/web", ...push, at: GOLDEN_TIMES.created });
  const webhooks = world.collect();
  for (const { faults } of [world.github, world.jira]) {
    for (const status of [500, 403, 429, 422])
      faults.next({ answer: { status, headers: TOLD, body: { message: CANARIES.answer } } });
    for (const text of [CANARIES.answer, `{"message": "${CANARIES.answer}`])
      faults.next({ answer: { status: 200, text, headers: TOLD } });
    faults.next({ answer: { status: 302, headers: { location: `http://127.0.0.1:1/${CANARIES.answer}` } } });
  }
  const sent = await send(
    app.url,
    webhooks.map((webhook) => seeded(webhook, secrets)),
    { senders: 1 },
  );
  if (!sent.every(isTaken)) throw new Error("seeded webhooks are taken like others");
  await send(app.url, spoilt(webhooks, secrets));
  const unsigned = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
  await send(
    app.url,
    webhooks.map((webhook) => withHeaders({ ...webhook, body: CANARIES.body, headers: { ...webhook.headers, ...unsigned } })),
  );
}

const TOLD = { "retry-after": "1", "x-github-request-id": CANARIES.answer, "set-cookie": `a=${CANARIES.answer}` };

/** Asks for all sorts of things that are not there or not allowed. Returns the answers, headers included. */
async function probed(appUrl: string): Promise<string[]> {
  const { address, body, header } = CANARIES;
  const paths = [
    ...[
      `/${address}`,
      `/?q=${address}`,
      "/readyz",
      "/healthz",
      `/api/v1/work-items/${address}`,
      `/api/v1/work-items/PROP-9?x=${address}`,
    ],
    ...[
      `/api/v1/pull-requests/${address}/web/1`,
      `/api/v1/pull-requests/acme/${address}/x`,
      `/api/v1/${address}`,
      `/api/github/webhooks?${address}`,
    ],
    ...[`/api/github/webhooks/${address}`, `/v1/generic-events?${address}`, `/%${address}`, `/api/v1/work-items/%00${address}`],
  ];
  const headers = { "content-type": "application/json", authorization: `Bearer ${header}`, cookie: header, "x-other": header };
  const requests = paths.flatMap((path) => [
    fetch(`${appUrl}${path}`, { headers }),
    ...["POST", "PUT", "DELETE"].map((method) => fetch(`${appUrl}${path}`, { method, headers, body: `{"a": "${body}"` })),
  ]);
  return Promise.all(
    requests.map(async (request) => {
      const answer = await request;
      return `${JSON.stringify([...answer.headers])}\n${await answer.text()}`;
    }),
  );
}

/** All that is secret: of the settings, and what GitHub gave out meanwhile. */
function secretsOf({ github }: World, environment: Readonly<Record<string, string>>): Named {
  const { PRIVATE_KEY = "", JIRA_EMAIL = "", JIRA_API_TOKEN = "", DATABASE_URL = "" } = environment;
  const keyLines = PRIVATE_KEY.split("\n").filter((line) => /^[\w+/=]{20,}$/.test(line));
  const basic = Buffer.from(`${JIRA_EMAIL}:${JIRA_API_TOKEN}`).toString("base64");
  const password = /:([^:@/]+)@/.exec(DATABASE_URL)?.[1];
  const variables = [
    "WEBHOOK_SECRET",
    "JIRA_WEBHOOK_SECRET",
    "JIRA_API_TOKEN",
    ...Object.keys(EXTRA).filter((name) => name !== "GITHUB_CLIENT_ID"),
  ];
  return [
    ...variables.map((variable) => [variable, environment[variable] ?? ""] as const),
    ...keyLines.map((line) => ["PRIVATE_KEY", line] as const),
    ...[...github.state.tokens.keys()].map((token) => ["a token of GitHub's", token] as const),
    ["Jira's Authorization", basic],
    ...(password ? [["the password of DATABASE_URL", password] as const] : []),
  ];
}

interface Places {
  readonly secrets: Named;
  readonly log: string;
  readonly answers: readonly string[];
  readonly comments: readonly string[];
  /** Of all tables, with where they are. */
  readonly texts: readonly StoredText[];
}

function figuresOf(on: string, { secrets, log, answers, comments, texts }: Places): Figure[] {
  const all: Named = [...secrets, ...Object.entries(CANARIES)];
  const without = (...names: readonly Canary[]): Named => all.filter(([name]) => !names.some((one) => one === name));
  const reasons = texts.filter(({ where }) => where.endsWith(".reason"));
  const inTexts = texts.flatMap(({ where, text }) =>
    found(text, where.endsWith(".reason") ? all : without("name")).map((name) => `${name} in ${where}`),
  );
  const said = (names: readonly string[]): string | number => [...new Set(names)].join(", ") || 0;
  return [
    atLeast(`${on}: lines in the log, at its most talkative`, log.split("\n").length, 100),
    atLeast(`${on}: reasons of failures among ${texts.length} texts in tables`, reasons.length, 3),
    exactly(
      `${on}: of ${all.length} canaries, found in the log, but for what is wrong in a configuration file`,
      said(found(log, without("file"))),
      0,
    ),
    exactly(
      `${on}: found in ${answers.length} answers to those who ask for what is not there`,
      said(found(answers.join("\n"), all)),
      0,
    ),
    exactly(`${on}: found in tables where they do not belong`, said(inTexts), 0),
    exactly(`${on}: found in ${comments.length} comments, but for names`, said(found(comments.join("\n"), without("name"))), 0),
    exactly(
      `${on}: comments that the names belong in`,
      comments.filter((text) => text.includes(CANARIES.name)).length,
      comments.length,
    ),
  ];
}

/** What is said when a setting keeps the app from starting does not repeat the setting. */
async function failedStarts(campaign: Campaign): Promise<Figure[]> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  const canary = "canary-start-77aa12cd";
  const starts: readonly Record<string, string>[] = [
    { DATABASE_URL: `postgres://leadtime:${canary}@127.0.0.1:1/leadtime` },
    { DATABASE_URL: `mysql://leadtime:${canary}@127.0.0.1/leadtime` },
    { PRIVATE_KEY: `-----BEGIN RSA PRIVATE KEY-----\n${canary.repeat(9)}\n-----END RSA PRIVATE KEY-----` },
    { JIRA_BASE_URL: `https://user:${canary}@jira.example` },
    { WEBHOOK_SECRET: canary.slice(0, 15), GHE_HOST: `${canary}@127.0.0.1` },
    { SENTRY_DSN: `${canary}@sentry.example/1` },
  ];
  const told = await Promise.all(
    starts.map(async (start) => {
      const environment = { ...world.environment(), DATABASE_URL: "sqlite::memory:", LOG_LEVEL: "trace", ...start };
      return campaign.start(environment).then(
        () => "started",
        (error: unknown) => (error instanceof EndedEarly ? error.message : "started"),
      );
    }),
  );
  const leaks = told.filter((text) => text.includes(canary.slice(0, 15)));
  return [
    exactly(
      `bad settings with which the app started, of ${starts.length}`,
      told.filter((text) => text === "started").length,
      0,
    ),
    exactly("refusals to start that repeat the setting", leaks.join(" | ") || 0, 0),
  ];
}
