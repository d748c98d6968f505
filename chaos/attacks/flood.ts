import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { percentile } from "../../src/core/statistics.js";
import { startWorld } from "../../src/simulator/world.js";
import { atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { finished, until } from "../look.js";
import type { Running } from "../process.js";
import { endless, type Sent, send, signed } from "../senders.js";

const MEBIBYTE = 1024 * 1024;
/** What GitHub sends at most, and is taken. */
const LARGEST = 25 * MEBIBYTE;
const HUGE = 100 * MEBIBYTE;

/** S4: whoever cannot sign neither fills our memory nor takes our time: with huge bodies, or with hundreds of connections that dawdle. */
export const flood: Experiment = {
  id: "S4",
  title: "huge bodies, and connections that dawdle",
  inTests: false,
  controls: [
    {
      says: "a body is read to its end, however long",
      file: "src/web/body.ts",
      before: "if (size > limit) fail(",
      after: "if (size > limit * 1000) fail(",
    },
    {
      says: "what does not fit is read all the same",
      file: "src/web/answer.ts",
      before: "if (request.complete || isSmall(request)) {",
      after: "if (request.complete || isSmall(request) || request.resume().readable) {",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const environment: Record<string, string> = { ...world.environment(), DATABASE_URL: url };
    const app = await campaign.start(environment);
    const good = () => pings(environment.WEBHOOK_SECRET ?? "");
    await send(app.url, first(good(), 100)); // so that everything is loaded
    await finished(url);
    const figures = [...(await huge(app)), ...(await hugeAtOnce(app))];
    return campaign.size === "full" ? [...figures, ...(await dawdling(campaign, app, good))] : figures;
  },
};

/** Small deliveries that nothing has to be done for. */
function* pings(secret: string): Generator<Sent["webhook"]> {
  yield* endless([
    signed(JSON.stringify({ zen: "Keep it logically awesome." }), { id: crypto.randomUUID(), event: "ping", secret }),
  ]);
}

function* first<T>(all: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const one of all)
    if (left-- > 0) yield one;
    else return;
}

const LOOKS_GOOD = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
const ANNOUNCED = { "content-length": String(HUGE) };
const CHUNKS = { "transfer-encoding": "chunked" };
/** In which ways 100 MiB can come, and how much of it may be read. */
const WAYS: Readonly<Record<string, { readonly headers: Readonly<Record<string, string>>; readonly most: number }>> = {
  "announced, unsigned": { headers: ANNOUNCED, most: 0 },
  "announced, with a signature": { headers: { ...ANNOUNCED, ...LOOKS_GOOD }, most: 0 },
  "announced, asking before": { headers: { ...ANNOUNCED, ...LOOKS_GOOD, expect: "100-continue" }, most: 0 },
  "in chunks, unsigned": { headers: CHUNKS, most: 0 },
  "in chunks, with a signature": { headers: { ...CHUNKS, ...LOOKS_GOOD }, most: LARGEST },
};
/** Bytes that one look at a socket brings. When it is known that there are too many, one more look is under way. */
const A_LOOK = 64 * 1024;
/** Of the heads and of the frames around chunks. */
const AROUND = 8 * 1024;

async function huge(app: Running): Promise<Figure[]> {
  const statuses: (number | null)[] = [];
  const more: number[] = [];
  const memory = await memoryOf(app);
  for (const { headers, most } of Object.values(WAYS)) {
    const before = await readBy(app);
    statuses.push(await pour(app.url, headers));
    more.push((await readBy(app)) - before - most);
  }
  const count = statuses.length;
  return [
    exactly(
      `100 MiB in ${count} ways: not answered with 401 or 413`,
      statuses.filter((status) => status !== 401 && status !== 413).join() || 0,
      0,
    ),
    atMost(
      "read of it beyond 25 MiB where a signature came first, beyond nothing where none did",
      Math.max(...more) / 1024,
      (2 * A_LOOK + AROUND) / 1024,
      " KiB",
    ),
    atMost("memory it took", (await memory()) / MEBIBYTE, 64, " MiB"),
  ];
}

/** More at once than may wait: what all may hold together is bounded. */
async function hugeAtOnce(app: Running): Promise<Figure[]> {
  const memory = await memoryOf(app);
  const headers = { ...CHUNKS, ...LOOKS_GOOD };
  const statuses = await Promise.all(Array.from({ length: 16 }, () => pour(app.url, headers)));
  return [
    exactly(
      "100 MiB 16 times at once: not answered with 413 or 503",
      statuses.filter((status) => status !== 413 && status !== 503).join() || 0,
      0,
    ),
    atMost("memory they took, of which all bodies may hold 128 MiB", (await memory()) / MEBIBYTE, 224, " MiB"),
  ];
}

/** Sends 100 MiB, or as much of it as is taken. Resolves to the status; null: none came. */
function pour(appUrl: string, headers: Readonly<Record<string, string>>): Promise<number | null> {
  return new Promise((resolve) => {
    const all = { "content-type": "application/json", "x-github-event": "push", "x-github-delivery": "1", ...headers };
    const url = new URL("/api/github/webhooks", appUrl);
    const sending = request(url, { method: "POST", headers: all, agent: false });
    let status: number | null = null;
    sending.once("response", (response) => {
      status = response.statusCode ?? null;
      response.resume();
    });
    sending.once("error", () => undefined).once("close", () => resolve(status));
    const chunk = Buffer.alloc(A_LOOK, " ");
    let left = HUGE / chunk.length;
    const more = (): void => {
      while (left-- > 0) if (!sending.write(chunk)) return void sending.once("drain", more);
      sending.end();
    };
    if (headers.expect === undefined) more();
    else sending.once("continue", more).flushHeaders();
  });
}

/** Bytes that the process has read from anywhere; Linux tells. */
async function readBy({ pid }: Running): Promise<number> {
  if (!existsSync("/proc/self/io")) return 0;
  return Number(/^rchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** From now on; what is returned tells by how many bytes the process's memory had grown at most. Linux tells. */
async function memoryOf({ pid }: Running): Promise<() => Promise<number>> {
  if (!existsSync("/proc/self/clear_refs")) return async () => 0;
  const status = async (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
  await writeFile(`/proc/${pid}/clear_refs`, "5"); // the peak begins anew
  const before = await status("VmRSS");
  return async () => (await status("VmHWM")) - before;
}

const DAWDLERS = 200;

/** Good traffic alone and beside 200 connections that send a byte a second, in turn. */
async function dawdling(campaign: Campaign, app: Running, good: () => Iterable<Sent["webhook"]>): Promise<Figure[]> {
  const [alone, beside]: [number[], number[]] = [[], []];
  let refused = 0;
  const measure = async (times: number[]): Promise<void> => {
    const sent = await send(app.url, first(good(), 2000), { senders: 8 });
    refused += sent.filter(({ status }) => status === null || status > 299).length;
    times.push(...sent.map(({ took }) => took));
  };
  let dawdlers: Dawdlers | undefined;
  for (let round = 0; round < 6; round++) {
    await measure(alone);
    dawdlers?.end();
    dawdlers = dawdle(app.url);
    campaign.onEnd(dawdlers.end);
    await measure(beside);
    if (round < 5) dawdlers.end();
  }
  const p99 = (times: readonly number[]): number =>
    percentile(
      times.toSorted((one, other) => one - other),
      0.99,
    ) ?? 0;
  const cut = () => dawdlers?.open() === 0;
  await until("all that dawdle are cut off", cut, 45_000).catch(() => undefined);
  return [
    exactly(`good deliveries refused beside ${DAWDLERS} connections that dawdle, of ${beside.length}`, refused, 0),
    atMost(
      `their p99 (${p99(beside).toFixed(1)} ms) to that without (${p99(alone).toFixed(1)} ms)`,
      p99(beside) / p99(alone),
      2,
    ),
    exactly("connections that dawdle and are still open after 45 s", dawdlers?.open() ?? 0, 0),
  ];
}

interface Dawdlers {
  open(): number;
  end(): void;
}

/** Half of them dawdle with their headers, half with their bodies. */
function dawdle(appUrl: string): Dawdlers {
  const { hostname, port } = new URL(appUrl);
  const sockets = new Set<Socket>();
  const timers = Array.from({ length: DAWDLERS }, (_, index) => {
    const socket = connect(Number(port), hostname);
    sockets.add(socket);
    socket
      .on("error", () => undefined)
      .once("close", () => sockets.delete(socket))
      .resume();
    const head = `POST /api/github/webhooks HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
    const body = `x-hub-signature-256: sha256=${"0".repeat(64)}\r\ncontent-length: 1000\r\n\r\n`;
    socket.write(index % 2 === 0 ? head : head + body);
    return setInterval(() => socket.writable && socket.write("x"), 1000);
  });
  return {
    open: () => sockets.size,
    end: () => {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
