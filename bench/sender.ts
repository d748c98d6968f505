import { connect, type Socket } from "node:net";
import { percentile } from "../src/core/statistics.js";
import { bodies, signatureOf } from "./payload.js";

/** What to send: to a port on loopback, over so many connections, until time is up or so many are answered. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly milliseconds?: number;
  readonly deliveries?: number;
}

/** How it went; milliseconds from the first byte sent until the answer. */
export interface Sent {
  readonly deliveries: number;
  readonly refused: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Bytes of the bodies. */
  readonly bytes: number;
}

/*
 * A load generator in a process of its own. It has to cost as little as it can, for it shares the machine with what is
 * measured: requests are bytes made beforehand, in which only the delivery's id is written anew; of an answer only the status
 * and the length are read.
 */
const ID_DIGITS = 12;
const BODIES = bodies();
let last = Date.now() % 1_000_000_000;

interface Prepared {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly size: number;
}

function prepare({ port, path }: Load, body: Buffer): Prepared {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "user-agent: GitHub-Hookshot/044aadd",
    "accept: */*",
    "content-type: application/json",
    "x-github-event: pull_request",
    "x-github-hook-id: 1",
    "x-github-hook-installation-target-id: 1",
    "x-github-hook-installation-target-type: integration",
    `x-hub-signature-256: ${signatureOf(body)}`,
    `content-length: ${body.length}`,
    `x-github-delivery: ${"0".repeat(ID_DIGITS)}`,
  ].join("\r\n");
  const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
  return { bytes, idAt: head.length - ID_DIGITS, size: body.length };
}

/** The status of a whole answer; undefined while some of it is still on its way. */
function statusOf(answer: string): number | undefined {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  const whole = length === undefined ? answer.endsWith("\r\n0\r\n\r\n") : answer.length >= end + 4 + Number(length);
  return whole ? Number(answer.slice(9, 12)) : undefined;
}

/** Sends one after another over one connection for as long as there is more. */
function sendOver(
  socket: Socket,
  { bytes, idAt }: Prepared,
  more: () => boolean,
  told: (status: number, took: number) => void,
) {
  return new Promise<void>((resolve, reject) => {
    let answer = "";
    let began = 0;
    let over = false;
    const next = () => {
      over = !more();
      if (over) return void socket.end();
      bytes.write(String(++last).padStart(ID_DIGITS, "0"), idAt, "latin1");
      began = performance.now();
      socket.write(bytes);
    };
    socket.setNoDelay(true).setEncoding("latin1");
    socket.once("connect", next).once("error", reject);
    socket.once("close", () => (over ? resolve() : reject(new Error("the server hung up"))));
    socket.on("data", (chunk: string) => {
      answer += chunk;
      const status = statusOf(answer);
      if (status === undefined) return;
      answer = "";
      told(status, performance.now() - began);
      next();
    });
  });
}

async function send(load: Load): Promise<Sent> {
  const took: number[] = [];
  let started = 0;
  let refused = 0;
  let bytes = 0;
  const began = performance.now();
  const { deliveries = Number.POSITIVE_INFINITY, milliseconds = Number.POSITIVE_INFINITY } = load;
  const more = () => started < deliveries && performance.now() - began < milliseconds;
  const over = async (body: Buffer) => {
    const prepared = prepare(load, body);
    const goOn = () => more() && ++started > 0;
    await sendOver(connect(load.port, "127.0.0.1"), prepared, goOn, (status, time) => {
      took.push(time);
      bytes += prepared.size;
      if (status < 200 || status > 299) refused++;
    });
  };
  await Promise.all(Array.from({ length: load.connections }, (_, index) => over(BODIES[index % BODIES.length] ?? Buffer.of())));
  const seconds = (performance.now() - began) / 1000;
  const sorted = took.sort((one, other) => one - other);
  const at = (p: number) => percentile(sorted, p) ?? 0;
  return { deliveries: took.length, refused, perSecond: took.length / seconds, p50: at(50), p99: at(99), bytes };
}

process.once("disconnect", () => process.exit());
process.on("message", async (load: Load) => process.send?.(await send(load)));
process.send?.("ready");
