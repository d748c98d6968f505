import { getTransformStream } from "@probot/pino";
import { type Logger, pino } from "pino";
import { Refused, Unavailable } from "./core/failure.js";
import { secretsIn } from "./secret.js";
import type { Settings } from "./settings.js";
import { visible } from "./visible.js";

/** All of the settings: the log must know what is secret. */
export type LogSettings = Pick<Settings, "log" | "sentryDsn">;

export interface AppLog {
  readonly log: Logger;
  /** Resolves when every line is written: to be waited for before the process ends. */
  flush(): Promise<void>;
}

/**
 * The log, a line for each entry. Of errors it tells name, code, message and stack: what else they carry may be requests and
 * payloads. Tokens, and whatever is secret in the settings, are blotted out of every line, and nothing in one forges another.
 */
export async function createLog(settings: LogSettings, out: NodeJS.WritableStream = process.stdout): Promise<AppLog> {
  const { level, format } = settings.log;
  const sentryDsn = settings.sentryDsn?.reveal();
  const transform = await getTransformStream({ logFormat: format, ...(sentryDsn ? { sentryDsn } : {}) });
  transform.on("data", (line) => out.write(line));
  const blotted = blotting(secretsIn(settings));
  const hooks = { streamWrite: (line: string) => harmless(blotted(line)) };
  const log = pino({ level, serializers: { err: (error: unknown) => tellable(error) }, hooks }, transform);
  const flush = async () => {
    while (transform.writableLength + transform.readableLength > 0) await new Promise((next) => setImmediate(next));
    await new Promise<void>((written) => out.write("", () => written()));
  };
  return { log, flush };
}

interface Tellable {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Tellable | undefined;
}

function tellable(error: unknown, stacked = !isOutside(error), depth = 0): Tellable | undefined {
  if (!(error instanceof Error) || depth > DEEPEST) return undefined;
  const { name, message, stack, cause } = error;
  return {
    name: visible(name),
    code: "code" in error && typeof error.code === "string" ? visible(error.code) : undefined,
    message: visible(message.slice(0, LONGEST)),
    stack: stacked
      ? stack
          ?.slice(0, LONGEST)
          .split("\n")
          .map((line) => visible(line))
          .join("\n")
      : undefined,
    cause: tellable(cause, stacked, depth + 1),
  };
}

/** Of what fails outside of us, the words say everything. */
const isOutside = (error: unknown): boolean => error instanceof Unavailable || error instanceof Refused;
const LONGEST = 4000;
/** Causes of causes; one may be its own. */
const DEEPEST = 5;

/** Shorter ones would blot out words that mean something else. */
const LEAST = 12;
/** Tokens as GitHub and we make them, JSON web tokens, and what an `Authorization` header holds. */
const TOKENS =
  /\b(?:gh[a-z]_|github_pat_|leadtime_[0-9a-f]{12}_|eyJ[\w-]{8,}\.)[\w.-]{12,}|\b(?:Basic|Bearer|bearer|token) [\w.~+/-]{16,}=*/g;

function blotting(secrets: readonly string[]): (line: string) => string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split("\n")]).filter((part) => part.length >= LEAST);
  const written = [...new Set(parts.map((part) => JSON.stringify(part).slice(1, -1)))];
  return (line) => written.reduce((text, part) => text.replaceAll(part, BLOT), line).replace(TOKENS, BLOT);
}
const BLOT = "[secret]";

/** A line of JSON, which by itself writes only the first 32 control characters as codes. */
const harmless = (line: string): string => `${visible(line.trimEnd(), "\\\\u")}\n`;
