import { createHmac } from "node:crypto";

export const SECRET = "a secret of the bench alone";

/** A well-signed delivery of some 24 kB, the size of a real pull request's. */
export function delivery(number: number): { readonly body: Buffer; readonly headers: Record<string, string> } {
  const text = Array.from({ length: 400 }, (_, line) => `line ${line} of pull request ${number}: ${(line * 7919) % 10_007}`);
  const body = Buffer.from(JSON.stringify({ action: "edited", number, pull_request: { number, body: text.join("\n") } }));
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return {
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "ping",
      "x-hub-signature-256": `sha256=${signature}`,
    },
  };
}
