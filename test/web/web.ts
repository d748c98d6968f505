import { createHmac, randomBytes } from "node:crypto";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { onTestFinished } from "vitest";
import type { Event } from "../../src/core/event.js";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { type Owner, owner, type Ref, refKind } from "../../src/core/ref.js";
import { instant } from "../../src/core/time.js";
import type { Token } from "../../src/core/token.js";
import type { Account, Delivery, Log, Tokens } from "../../src/ports.js";
import { createWeb, type Web, type WebOptions } from "../../src/web/server.js";
import { type Minted, mintToken } from "../../src/web/token.js";

export const SECRET = "a secret of 24 bytes …";
export const JIRA_SECRET = "another secret, for Jira";
export const NOW = instant(Date.parse("2024-05-06T12:00:00Z"));

export interface Logged {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export function recordingLog(): Log & { readonly lines: Logged[] } {
  const lines: Logged[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export const account = (id: number, login: string): Account => ({
  owner: owner(id),
  login,
  installation: String(id),
  state: "installed",
});

/** Tokens in memory. `make` gives a new one's text; `uses` are those that were recorded. */
export function memoryTokens() {
  const made = new Map<string, { readonly token: Token; readonly hash: Uint8Array }>();
  const uses: { readonly id: string; readonly at: number }[] = [];
  const add = ({ id, hash }: Minted, of: Partial<Token>) => {
    const token: Token = {
      ...{ id, owner: owner(42), name: "ci", scopes: ["events", "reports"], createdAt: NOW, lastUsedAt: null, revokedAt: null },
      ...of,
    };
    made.set(id, { token, hash });
  };
  const store: Tokens = {
    token: async (id) => made.get(id),
    anyToken: async () => made.size > 0,
    tokenUsed: async (id, at) => void uses.push({ id, at }),
  };
  const make = (of: Partial<Token> = {}): string => {
    const minted = mintToken(randomBytes);
    add(minted, of);
    return minted.text;
  };
  return { ...store, made, uses, make };
}

/** A store in memory: what the web needs of one. Its fields are for the test to fill and to read. */
export function memoryStore() {
  const known: Account[] = [];
  const aliases = new Map<string, Ref>();
  const items = new Map<string, MeasuredItem>();
  const deliveries = new Map<string, Delivery>();
  const events = new Map<Owner, Event[]>();
  const of = (owner: Owner) => events.get(owner) ?? [];
  return {
    learn: (owner: Owner, ...learnt: readonly Event[]) => void events.set(owner, [...of(owner), ...learnt]),
    events: async (owner: Owner, refs: readonly Ref[]) => of(owner).filter(({ ref }) => refs.includes(ref)),
    subjects: async (owner: Owner, kind: string) => [
      ...new Set(of(owner).flatMap(({ ref }) => (refKind(ref) === kind ? [ref] : []))),
    ],
    known,
    aliases,
    items,
    deliveries,
    tokens: memoryTokens(),
    accounts: async () => known,
    resolve: async (of: Owner, alias: string) => aliases.get(`${of} ${alias}`),
    item: async (of: Owner, ref: Ref) => items.get(`${of} ${ref}`),
    ready: async () => {},
    accept: async (some: readonly Delivery[]) =>
      some.map((delivery) => {
        const key = `${delivery.source} ${delivery.id}`;
        const isNew = !deliveries.has(key);
        if (isNew) deliveries.set(key, delivery);
        return isNew;
      }),
  };
}

/** The app's server on a free loopback port, with all its parts in reach; gone when the test is. */
export async function startWeb(overrides: Partial<WebOptions> = {}) {
  const store = memoryStore();
  const log = recordingLog();
  const woken = { times: 0 };
  const web: Web = createWeb({
    store,
    rules: { configuration: null, jira: { configured: true, owners: null } },
    log,
    clock: { now: () => NOW },
    webhookSecrets: { github: [SECRET], jira: [JIRA_SECRET] },
    published: false,
    onAccepted: () => {
      woken.times += 1;
    },
    ...overrides,
  });
  const { port } = await web.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => web.close(0));
  return { web, port, store, log, woken };
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own, sent with exactly these headers. */
export function ask(port: number, { method = "GET", path, headers = {}, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const sent = request({ host: "127.0.0.1", port, method, path, headers: { ...length, ...headers }, agent: false });
    sent.once("error", reject).once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
      response.once("end", () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.end(body);
  });
}

export const sign = (body: string | Uint8Array, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

/** A delivery as GitHub sends it; a header set to undefined is left out. */
export function fromGitHub(body: string | Uint8Array, headers: OutgoingHttpHeaders = {}): Asked {
  const all: OutgoingHttpHeaders = {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": sign(body, SECRET),
    ...headers,
  };
  return { method: "POST", path: "/api/github/webhooks", headers: defined(all), body };
}

/** A delivery as Jira sends it. */
export function fromJira(body: string, headers: OutgoingHttpHeaders = {}): Asked {
  const all = { "content-type": "application/json; charset=UTF-8", "x-hub-signature": sign(body, JIRA_SECRET), ...headers };
  return { method: "POST", path: "/api/jira/webhooks", headers: defined(all), body };
}

const defined = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
