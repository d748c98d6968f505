import { getTransformStream } from "@probot/pino";
import { type Logger, pino } from "pino";

export interface LogOptions {
  readonly level: string;
  readonly format: "json" | "pretty";
  readonly sentryDsn: string | null;
}

/** The log on standard output. Of errors it tells name, message and stack: what else they carry may be requests and payloads. */
export async function createLog({ level, format, sentryDsn }: LogOptions): Promise<Logger> {
  const transform = await getTransformStream({ logFormat: format, ...(sentryDsn ? { sentryDsn } : {}) });
  transform.on("data", (line) => process.stdout.write(line));
  return pino({ level, serializers: { err: tellable } }, transform);
}

interface Tellable {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Tellable | undefined;
}

function tellable(error: unknown): Tellable | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message, stack, cause } = error;
  return { name, message: message.slice(0, LONGEST), stack: stack?.slice(0, LONGEST), cause: tellable(cause) };
}
const LONGEST = 4000;
