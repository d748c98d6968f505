import { createHash } from "node:crypto";

/** A moment in a story: a date, or milliseconds since the epoch. */
export type When = Date | number;
export type Json = Readonly<Record<string, unknown>>;

export const toMs = (when: When): number => (typeof when === "number" ? when : when.getTime());

/** GitHub's times: `2024-05-06T10:00:00Z`. */
export const githubTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
export const githubTimeOrNull = (ms: number | null): string | null => (ms === null ? null : githubTime(ms));

/** Jira's times: `2024-05-06T10:00:00.000+0000`. */
export const jiraTime = (ms: number): string => new Date(ms).toISOString().replace("Z", "+0000");

/** Numbers in the order of use, so that the same story twice gets the same ids. */
export function counter(first: number): () => number {
  let next = first;
  return () => next++;
}

export const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");

/** A UUID (version 4 by its shape) made of a text: the same text, the same UUID. */
export function uuidOf(text: string): string {
  const hex = sha1(text);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}

export const nodeId = (kind: string, id: number | string): string => Buffer.from(`${kind}:${id}`).toString("base64");
