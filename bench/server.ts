import { createHmac, generateKeyPairSync, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import Database from "better-sqlite3";
import pg from "pg";
import { createNodeMiddleware, Probot } from "probot";
import { instant } from "../src/core/time.js";
import { SECRET } from "./payload.js";
import { product } from "./product.js";

/**
 * `bytes`: C0, reads the body. `nothing-stored`: C1, checks the signature and parses, as any receiver must. `durable`: ours.
 * `plain`: a Probot handler with one insert each. `insert-each`: C1 with one insert each, on PostgreSQL.
 */
export type Mode = "bytes" | "nothing-stored" | "durable" | "plain" | "insert-each";

/** Of the whole process, all its threads. */
export interface Usage {
  /** Microseconds of processor time. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
}

const complain = ({ err }: { err?: unknown }, message: string) => console.error(message, err);
const log = { debug: () => {}, info: () => {}, warn: complain, error: complain };

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
    request.on("end", () => resolve(Buffer.concat(chunks)));
  });
}

function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`);
  const came = Buffer.from(String(request.headers["x-hub-signature-256"]));
  return came.length === expected.length && timingSafeEqual(came, expected);
}

const receiver =
  (take: (request: IncomingMessage, body: Buffer) => boolean | Promise<boolean>): RequestListener =>
  async (request, response) => {
    const taken = await take(request, await bodyOf(request));
    response.writeHead(taken ? 202 : 401, { "content-length": 0 }).end();
  };

const bytes = receiver(() => true);

const nothingStored = receiver((request, body) => {
  if (!isSigned(request, body)) return false;
  JSON.parse(body.toString());
  return true;
});

async function plain(database: string): Promise<RequestListener> {
  const connection = new Database(database);
  connection.pragma("journal_mode = wal");
  connection.pragma("synchronous = full");
  connection.exec("create table if not exists deliveries (id text primary key, event text, payload text)");
  const insert = connection.prepare("insert or ignore into deliveries values (?, ?, ?)");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const probot = new Probot({ appId: 1, privateKey: key, secret: SECRET, logLevel: "fatal" });
  const app = (bot: Probot) =>
    bot.on("pull_request", ({ id, name, payload }) => void insert.run(id, name, JSON.stringify(payload)));
  return createNodeMiddleware(app, { probot, webhooksPath: "/api/github/webhooks" });
}

async function insertEach(database: string): Promise<RequestListener> {
  const pool = new pg.Pool({ connectionString: database, max: 10 });
  await pool.query("create table if not exists deliveries (id text primary key, event text, body bytea)");
  const text = "insert into deliveries values ($1, $2, $3) on conflict do nothing";
  return receiver(async (request, body) => {
    if (!isSigned(request, body)) return false;
    JSON.parse(body.toString());
    const { "x-github-delivery": id, "x-github-event": event } = request.headers;
    await pool.query({ name: "insert", text, values: [id, event, body] });
    return true;
  });
}

/** The app's own server on the app's own store; nothing works on what came in. */
async function durable(database: string): Promise<number> {
  const { openStore } = await product<typeof import("../src/store/open.js")>("store/open.js");
  const { createWeb } = await product<typeof import("../src/web/server.js")>("web/server.js");
  const clock = { now: () => instant(Date.now()) };
  const store = await openStore(database, { clock, log });
  const webhookSecrets = { github: [SECRET], jira: [] };
  const web = createWeb({
    store,
    rules: { configuration: null, jira: { configured: false, owners: null } },
    clock,
    log,
    webhookSecrets,
    published: false,
    onAccepted: () => {},
  });
  return (await web.listen({ host: "127.0.0.1", port: 0 })).port;
}

const listening = (listener: RequestListener): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer(listener);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)); // bound to a port
  });

const MODES: Readonly<Record<Mode, (database: string) => Promise<number>>> = {
  bytes: () => listening(bytes),
  "nothing-stored": () => listening(nothingStored),
  durable,
  plain: async (database) => listening(await plain(database)),
  "insert-each": async (database) => listening(await insertEach(database)),
};

process.once("disconnect", () => process.exit());
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, rss: process.memoryUsage.rss() } satisfies Usage);
});
const [, , mode, database = ""] = process.argv;
process.send?.(await MODES[mode as Mode](database)); // as `serve` starts it
