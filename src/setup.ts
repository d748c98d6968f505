import { run } from "probot";

/** Probot's set-up page: creates the GitHub App from `app.yml` and writes its credentials to `.env`. Then start again. */
export async function offerSetup(): Promise<void> {
  await run(() => {});
}
