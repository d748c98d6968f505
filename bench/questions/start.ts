import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { median } from "../../src/core/statistics.js";
import { bodies, SECRET, signatureOf } from "../payload.js";
import { type Question, repeated } from "../question.js";

const ROOT = join(import.meta.dirname, "../..");
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const [body = Buffer.of()] = bodies();

const BARE = `import { run } from "probot"; await run((app) => app.on("pull_request", () => {}));`;

interface Program {
  readonly parameters: readonly string[];
  /** Answers 200 as soon as it takes requests. */
  readonly health: string;
}
const PROBOT: Program = { parameters: ["--input-type=module", "--eval", BARE], health: "/ping" };
const OURS: Program = { parameters: ["dist/cli.js", "start"], health: "/healthz" };

/** What the app weighs beside a Probot app that does nothing. */
export const start: Question = {
  title: "Start and memory, beside a Probot app that does nothing",
  goals: [
    { id: "P18a", what: "time to the first 200 ÷ a bare Probot's", is: "at-most", floor: 2, stretch: 1.5 },
    { id: "P18b", what: "idle memory ÷ a bare Probot's", is: "at-most", floor: 1.5, stretch: 1.3 },
  ],
  ask: async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
    const [oursRuns, bareRuns]: [Started[], Started[]] = [[], []];
    try {
      await run(OURS, folder); // makes the database
      const figures = await repeated(async () => {
        const bare = await run(PROBOT, folder);
        const ours = await run(OURS, folder);
        bareRuns.push(bare);
        oursRuns.push(ours);
        return { P18a: ours.milliseconds / bare.milliseconds, P18b: ours.idle / bare.idle };
      });
      return { figures, notes: [`ours: ${told(oursRuns)}`, `a bare Probot: ${told(bareRuns)}`] };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Started {
  /** To the first 200. */
  readonly milliseconds: number;
  /** Bytes, a second after that. */
  readonly idle: number;
  /** Bytes, a second after a delivery. */
  readonly used: number;
}

function told(runs: readonly Started[]): string {
  const middle = (of: keyof Started) => median(runs.map((run) => run[of])) ?? Number.NaN;
  const [idle, used] = [middle("idle"), middle("used")].map((bytes) => (bytes / 1024 ** 2).toFixed(0));
  return `${middle("milliseconds").toFixed(0)} ms, ${idle} MiB idle, ${used} MiB after a delivery`;
}

async function run({ parameters, health }: Program, folder: string): Promise<Started> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    APP_ID: "1",
    PRIVATE_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    WEBHOOK_SECRET: SECRET,
    DATABASE_URL: `sqlite:${join(folder, "leadtime.db")}`,
    HOST: "127.0.0.1",
    PORT: String(port),
    LOG_LEVEL: "fatal",
    NODE_ENV: "production",
  };
  const began = performance.now();
  const child = spawn(process.execPath, [...parameters], { cwd: ROOT, env, stdio: ["ignore", "ignore", "inherit"] });
  try {
    while (!(await isUp(`${url}${health}`))) if (child.exitCode !== null) throw new Error(`${parameters} has ended`);
    const milliseconds = performance.now() - began;
    await wait(1000);
    const idle = residentOf(child);
    await deliver(`${url}/api/github/webhooks`);
    await wait(1000);
    return { milliseconds, idle, used: residentOf(child) };
  } finally {
    const ended = once(child, "exit");
    if (child.kill("SIGKILL")) await ended;
  }
}

/** With as little work as it takes: it shares the machine with what starts. */
function isUp(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = get(url, { agent: false }, (answer) => resolve(answer.resume().statusCode === 200));
    asking.on("error", () => setTimeout(() => resolve(false), 5));
  });
}

async function deliver(url: string): Promise<void> {
  const headers = {
    "content-type": "application/json",
    "x-github-event": "pull_request",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": signatureOf(body),
  };
  const answer = await fetch(url, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}

/** Linux only. */
function residentOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("expected a port");
  return address.port;
}
