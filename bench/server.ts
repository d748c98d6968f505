import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { instant } from "../src/core/time.js";
import { openStore } from "../src/store/open.js";
import { createWeb } from "../src/web/server.js";
import { SECRET } from "./payload.js";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The yardstick: the signature is checked and the body parsed, as any receiver must; nothing is stored. */
function nothingStored(): Promise<number> {
  const server = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const expected = Buffer.from(`sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`);
    const came = Buffer.from(String(incoming.headers["x-hub-signature-256"]));
    const good = came.length === expected.length && timingSafeEqual(came, expected);
    JSON.parse(body.toString());
    answer.writeHead(good ? 202 : 401).end();
  });
  return new Promise(
    (resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)), // bound to a port
  );
}

async function durable(path: string): Promise<number> {
  const clock = { now: () => instant(Date.now()) };
  const store = await openStore(`sqlite:${path}`, { clock, log: silent });
  const webhookSecrets = { github: [SECRET], jira: [] };
  const web = createWeb({ store, clock, log: silent, webhookSecrets, published: false, onAccepted: () => {} });
  return (await web.listen({ host: "127.0.0.1", port: 0 })).port;
}

const [, , mode, path = ""] = process.argv;
const port = mode === "durable" ? await durable(path) : await nothingStored();
process.stdout.write(`http://127.0.0.1:${port}\n`);
