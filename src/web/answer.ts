import type { IncomingMessage, ServerResponse } from "node:http";

/** A wrong field of a request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The body of every error: docs/api.md. */
export const errorBody = (code: string, message: string, fields: readonly FieldError[] = []) => ({
  error: { code, message, fields: [...fields] },
});

/** On every answer: data for one reader, never a page that runs or is framed. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that turns a request away; `refused` says to the log why. */
export interface Refusal extends Answer {
  readonly refused: string;
}

export const refuse = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ status, body: errorBody(code, message), headers, refused: message });

/** Bytes that a refused request may still send for the sake of its connection. */
const WORTH_READING = 64 * 1024;
/** Time for the sender to see the answer before its connection is cut, in milliseconds. */
const LINGER = 1000;

/** Answers with JSON. What is left of the request's body is not read, unless it is known to be small. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { text, headers } = written(answer);
  if (request.complete || isSmall(request)) {
    response.writeHead(answer.status, headers).end(text);
    return;
  }
  response.writeHead(answer.status, { ...headers, connection: "close" }).write(text);
  request.pause();
  // Ending at once would reset the connection over the unread bytes, and the answer could be lost on its way.
  const timer = setTimeout(() => response.end(), LINGER);
  response.once("close", () => clearTimeout(timer));
}

interface Written {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Many answers are one and the same: each is written once. */
const known = new WeakMap<Answer, Written>();

function written(answer: Answer): Written {
  const found = known.get(answer) ?? write(answer);
  known.set(answer, found);
  return found;
}

function write({ body, headers = {} }: Answer): Written {
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  const all = { ...SAFE_HEADERS, "content-type": "application/json; charset=utf-8", "content-length": length, ...headers };
  return { text, headers: all };
}

function isSmall({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  return Number(headers["content-length"] ?? 0) <= WORTH_READING;
}
