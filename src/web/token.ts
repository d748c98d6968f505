import { createHash, timingSafeEqual } from "node:crypto";

/** `leadtime_`, the id that it is looked up and spoken of by, and 32 random bytes. */
const TOKEN = /^leadtime_([0-9a-f]{12})_[0-9a-f]{64}$/;

export interface Minted {
  readonly id: string;
  /** For its owner alone: shown once, and kept nowhere. */
  readonly text: string;
  /** All that is kept. Of 32 random bytes a plain SHA-256 tells nothing. */
  readonly hash: Uint8Array;
}

/** A new token. `random`: so many bytes that nobody can foretell. */
export function mintToken(random: (bytes: number) => Buffer): Minted {
  const id = random(6).toString("hex");
  const text = `leadtime_${id}_${random(32).toString("hex")}`;
  return { id, text, hash: hashOf(text) };
}

/** The id in a token; undefined when it is no token of ours. */
export const tokenId = (text: string): string | undefined => TOKEN.exec(text)?.[1];

/** Whether the text has this hash, in a time that does not depend on it; undefined: there is no such token, which takes as long. */
export const isToken = (text: string, hash: Uint8Array | undefined): boolean => timingSafeEqual(hashOf(text), hash ?? NOBODYS);

/** No text is known to have it. */
const NOBODYS = new Uint8Array(32);

const hashOf = (text: string): Uint8Array => createHash("sha256").update(text).digest();
