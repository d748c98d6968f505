import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { delivery } from "./payload.js";

const DISTINCT = 64;

/** Posts so many deliveries over so many connections to loopback. Returns requests a second; throws when one is not taken. */
export async function load(of: {
  readonly url: string;
  readonly requests: number;
  readonly connections: number;
}): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: of.connections });
  const deliveries = Array.from({ length: DISTINCT }, (_, number) => delivery(number));
  let sent = 0;
  const sender = async () => {
    while (sent < of.requests) {
      const one = deliveries[sent++ % DISTINCT];
      if (one) await post(`${of.url}/api/github/webhooks`, agent, one);
    }
  };
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: of.connections }, sender));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  agent.destroy();
  return of.requests / seconds;
}

function post(url: string, agent: Agent, { body, headers }: ReturnType<typeof delivery>): Promise<void> {
  return new Promise((resolve, reject) => {
    const identified = { ...headers, "content-length": String(body.length), "x-github-delivery": randomUUID() };
    const sending = request(url, { agent, method: "POST", headers: identified }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode === 202 ? resolve() : reject(new Error(`answered ${answer.statusCode}`))));
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
