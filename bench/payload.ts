import { createHmac } from "node:crypto";
import { createRequire } from "node:module";

export const SECRET = "a secret of the bench alone";
/** So many bodies differ; more than that and the bench would measure its own memory. */
const DISTINCT = 64;

interface Example {
  readonly name: string;
  readonly examples: readonly object[];
}

/** GitHub's own examples of `pull_request`: some 24 kB each, which compress to a tenth. */
function examples(): readonly object[] {
  const all = createRequire(import.meta.url)("@octokit/webhooks-examples/api.github.com/index.json") as Example[]; // as its README says
  const found = all.find(({ name }) => name === "pull_request")?.examples ?? [];
  return found.filter((example) => JSON.stringify(example).length > 20_000);
}

/** Bodies as GitHub sends them, each of another pull request. */
export function bodies(): readonly Buffer[] {
  const real = examples();
  return Array.from({ length: DISTINCT }, (_, index) => {
    const number = index + 1;
    const example = real[index % real.length] as { pull_request: object }; // what a `pull_request` payload holds
    const pullRequest = { ...example.pull_request, number, id: 1_000_000 + number, title: `PROP-${number} Sign in` };
    return Buffer.from(JSON.stringify({ ...example, number, pull_request: pullRequest }));
  });
}

export const signatureOf = (body: Uint8Array): string => `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
