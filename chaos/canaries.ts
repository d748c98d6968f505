import type { Webhook } from "../src/simulator/webhook.js";
import { signedWith } from "./senders.js";

/** Texts that must not turn up where they do not belong, by where they were put. */
export const CANARIES = {
  /** In headers of requests to us. */
  header: "canary-header-qwhzkt",
  /** In addresses of requests to us. */
  address: "canary-address-vxmpyr",
  /** In bodies that are not signed. */
  body: "canary-body-jnswgl",
  /** In fields of payloads that nothing is read from. */
  unread: "canary-unread-zktqhv",
  /** In names and titles: in the log of none of them, but in events, items and comments. */
  name: "canary-name-mwrxjy",
  /** In a configuration file: the log tells which value there is wrong, for whoever has to set it right. */
  file: "canary-file-tzqbkv",
  /** In what GitHub and Jira answer. */
  answer: "canary-answer-pgqvzn",
  /** In a variable of the environment that is none of ours. */
  environment: "canary-environment-hykwxs",
} as const;
export type Canary = keyof typeof CANARIES;

/** Which of these are in a text. */
export const found = (text: string, canaries: Iterable<readonly [string, string]>): string[] =>
  [...canaries].filter(([, value]) => text.includes(value)).map(([name]) => name);

type Secrets = Readonly<Record<Webhook["source"], string>>;

/** The same webhook with canaries in what nothing is read from, signed anew. */
export function seeded(webhook: Webhook, secrets: Secrets): Webhook {
  const body = JSON.stringify(seededValue(JSON.parse(webhook.body)));
  return withHeaders(signedWith({ ...webhook, body }, secrets[webhook.source]));
}

/** Fields of texts that people write, and of what is personal. */
const UNREAD = new Set(["body", "description", "email", "emailAddress", "comment", "bio", "patch", "diff_hunk"]);

function seededValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seededValue);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, inner]) =>
    UNREAD.has(key) && typeof inner === "string" ? [key, CANARIES.unread] : [key, seededValue(inner)],
  );
  return { ...Object.fromEntries(fields), x_canary: CANARIES.unread };
}

/** Headers as an incident of GitHub's, or a proxy, may add them. */
export function withHeaders(webhook: Webhook): Webhook {
  const { header } = CANARIES;
  const added = {
    authorization: `Bearer ${header}`,
    cookie: `session=${header}`,
    "x-github-encoded-secret": Buffer.from(header).toString("base64"),
    "x-forwarded-for": header,
    "user-agent": header,
    referer: `https://${header}.example/`,
    "x-request-id": header,
  };
  return { ...webhook, headers: { ...added, ...webhook.headers } };
}

/** Webhooks that lack what is read from them, or have something else there, signed. */
export function spoilt(webhooks: readonly Webhook[], secrets: Secrets): Webhook[] {
  return webhooks.flatMap((webhook, index) =>
    WAYS.map((spoil, way) => {
      const id = `spoilt-${index}-${way}`;
      const name = webhook.source === "github" ? "x-github-delivery" : "x-atlassian-webhook-identifier";
      const body = spoil(webhook.body);
      return signedWith({ ...webhook, id, headers: { ...webhook.headers, [name]: id }, body }, secrets[webhook.source]);
    }),
  );
}

const quoted = JSON.stringify(CANARIES.unread);
const WAYS: readonly ((body: string) => string)[] = [
  (body) => body.slice(0, body.length / 2) + CANARIES.unread,
  () => CANARIES.unread,
  () => quoted,
  (body) => body.replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, quoted),
  (body) => body.replaceAll(/:\s*\d+/g, `:${quoted}`),
  (body) =>
    body.replaceAll(
      /"(?:login|name|key|sha|ref|action|webhookEvent)":\s*"[^"]*"/g,
      (field) => `${field.split(":", 1)[0]}:{"a":${quoted}}`,
    ),
  (body) => body.replaceAll(/:\s*(?:true|false|null)/g, `:[${quoted}]`),
];
