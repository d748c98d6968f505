import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readers, Reading } from "./readers.js";

/** `cut-off`: the sender went away. */
export type BodyFailure = "too-large" | "no-room" | "cut-off";
export type Body = { readonly bytes: Buffer } | { readonly failure: BodyFailure };

export interface BodyRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly readers: Readers;
  /** Bytes. */
  readonly limit: number;
}

/** Whether a content type is JSON's. */
export const isJson = (type = ""): boolean => type.split(";", 1)[0]?.trim().toLowerCase() === "application/json";

/** Reads a request's body, and stops as soon as it is larger than the limit, there is no room for it, or it has to give way. */
export function readBody({ request, response, readers, limit }: BodyRequest): Promise<Body> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Promise.resolve({ failure: "too-large" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body: Body): void => {
      reading.end();
      resolve(body);
    };
    const fail = (failure: BodyFailure): void => {
      chunks.length = 0;
      request.off("data", onData).pause();
      end({ failure });
    };
    const reading: Reading = readers.begin(() => fail("no-room"));
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) fail("too-large");
      else if (reading.grow(size)) chunks.push(chunk);
      else fail("no-room");
    };
    request.on("data", onData);
    const cutOff = (): void => end({ failure: "cut-off" });
    request.on("end", () => end({ bytes: joined(chunks, size) }));
    request.on("close", cutOff).on("error", cutOff);
    if (request.headers.expect !== undefined) response.writeContinue();
  });
}

/** Most bodies come in one piece: it is taken as it is. */
function joined(chunks: readonly Buffer[], size: number): Buffer {
  const [only] = chunks;
  return only && chunks.length === 1 ? only : Buffer.concat(chunks, size);
}
