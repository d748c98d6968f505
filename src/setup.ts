import { randomBytes } from "node:crypto";
import { run } from "probot";
import { prepareSetup } from "./settings.js";

/**
 * Probot's set-up page: creates the GitHub App from `app.yml` and writes its credentials to `.env`. Then start again.
 * Its log says where the page is. Returns how to end it.
 */
export async function offerSetup(): Promise<() => Promise<void>> {
  prepareSetup(randomBytes(32).toString("hex"));
  const server = await run(() => {});
  return async () => {
    await server.stop();
  };
}
