import { createHmac, timingSafeEqual } from "node:crypto";

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/** The signature as bytes; undefined unless the header is exactly one SHA-256 in lower-case hexadecimal. */
export function parseSignature(header: string | undefined): Buffer | undefined {
  const hex = SIGNATURE.exec(header ?? "")?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, "hex");
}

/** Whether one of the secrets signed these very bytes. The time it takes tells nothing of which, or how nearly. */
export function isSigned(body: Uint8Array, signature: Uint8Array, secrets: readonly string[]): boolean {
  const matches = secrets.map((secret) => timingSafeEqual(createHmac("sha256", secret).update(body).digest(), signature));
  return matches.includes(true);
}
