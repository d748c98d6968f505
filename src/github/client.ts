import { createPrivateKey, type KeyObject } from "node:crypto";
import { type Probot, ProbotOctokit } from "probot";
import { Unavailable } from "../core/failure.js";
import { type Instant, instant, type Milliseconds, milliseconds, SECOND } from "../core/time.js";
import type { Clock } from "../ports.js";
import { leftAloneUntil } from "./failure.js";
import type { Clients } from "./subject.js";

const PATIENCE = milliseconds(10 * SECOND);
const BODILESS = [204, 205, 304];

/**
 * `fetch` that gives up after a time, the reading of the body included: Octokit takes a body that breaks off for an empty one.
 * It follows GitHub when a repository was renamed or transferred, and nobody anywhere else.
 */
export function boundedFetch(patience: Milliseconds = PATIENCE): typeof fetch {
  return async (input, init) => {
    const bounded = { ...init, redirect: "manual", signal: AbortSignal.timeout(patience) } as const;
    const first = await fetch(input, bounded);
    const answer = isRedirect(first) ? await fetch(renamed(first, bounded.method), bounded) : first;
    if (isRedirect(answer)) throw new Error("GitHub redirects more than once");
    const body = BODILESS.includes(answer.status) ? null : await answer.arrayBuffer();
    if (answer.ok && body && !isJson(body)) throw new Error("GitHub answered with something else than JSON, or a part of it");
    return new Response(body, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
  };
}

/** Octokit takes a good status for a good answer: a page of some proxy would be kept as an access token, or pass for a comment that was changed. */
function isJson(body: ArrayBuffer): boolean {
  try {
    JSON.parse(new TextDecoder().decode(body));
    return true;
  } catch {
    return false;
  }
}

const isRedirect = ({ status, headers }: Response): boolean => status >= 300 && status < 400 && headers.has("location");

/** 301 and 302 may turn other methods into GET, so only 307 and 308 are followed for those. */
function renamed({ url, status, headers }: Response, method = "GET"): URL {
  const to = new URL(headers.get("location") ?? "", url);
  const sameOrigin = to.origin === new URL(url).origin;
  if (sameOrigin && (method === "GET" || status >= 307)) return to;
  throw new Error(`GitHub redirects (${status}) to where no rename leads: expected the same origin`);
}

type Options = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>;

/**
 * Octokit without queues and retries of its own: the outbox waits, and keeps its promises over restarts.
 * In function form, because Probot's defaults overrule an object. What it logs at debug level are request bodies: nothing, then.
 * What it tells of every request is for debugging: who asked tells what a failure means.
 */
export const quietOctokit = ProbotOctokit.defaults((options: Options) => ({
  ...options,
  retry: { enabled: false },
  throttle: { enabled: false },
  request: { fetch: boundedFetch(), ...options.request },
  ...(options.log ? { log: { ...levels(options.log), debug: () => {} } } : {}),
}));

const levels = (log: NonNullable<Options["log"]>) => ({
  info: log.debug.bind(log),
  warn: log.warn.bind(log),
  error: log.debug.bind(log),
});

/**
 * The Octokit of each installation. `probot` is made with `quietOctokit`. What GitHub says of when to ask again holds for all of
 * the installation: until then nothing is sent, not even in the middle of what was begun before.
 */
export function installationClients(probot: Probot, clock: Clock): Clients {
  const notBefore = new Map<string, Instant>();
  return async (installation) => {
    const client = await probot.auth(Number(installation));
    client.hook.wrap("request", async (request, options) => {
      const retryAt = notBefore.get(installation) ?? instant(0);
      if (clock.now() < retryAt) throw new Unavailable("GitHub wants to be left alone, so it was not asked", { retryAt });
      try {
        return await request(options);
      } catch (error) {
        const until = leftAloneUntil(error, clock.now());
        if (until !== undefined) notBefore.set(installation, instant(Math.max(until, notBefore.get(installation) ?? 0)));
        throw error;
      }
    });
    return client;
  };
}

/**
 * The private key of a GitHub App as people paste it: PEM (PKCS#1 or PKCS#8), its line ends also escaped, or base64 of it.
 * Returns PEM (PKCS#8). The error never contains the key.
 */
export function readPrivateKey(text: string): string {
  const pasted = text.trim().replace(/^(["'])(.*)\1$/s, "$2");
  const pem = pasted.includes("-----BEGIN") ? pasted.replaceAll("\\n", "\n") : Buffer.from(pasted, "base64").toString("utf8");
  const key = parsed(pem);
  if (key?.asymmetricKeyType === "rsa") return key.export({ type: "pkcs8", format: "pem" }).toString();
  const came = key ? `a key of type ${key.asymmetricKeyType}` : "something else";
  throw new TypeError(`expected the App's RSA private key (the .pem file that GitHub gave, or base64 of it), received ${came}`);
}

function parsed(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
