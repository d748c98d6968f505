import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs git in one clone. */
export interface Git {
  /** What it answers. Throws with what git says when it fails. */
  text(parameters: readonly string[]): Promise<string>;
  /** The same; null when it fails, which is an answer too. */
  maybe(parameters: readonly string[]): Promise<string | null>;
  /** What it answers, piece by piece, however long. Ends git when nobody reads on. */
  stream(parameters: readonly string[]): AsyncGenerator<Buffer>;
}

export type GitEnvironment = Readonly<Record<string, string | undefined>>;

/** What git needs of its surroundings: the rest, above all `GIT_DIR` and the like, would make it look elsewhere. */
const INHERITED = ["PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "USERPROFILE", "SystemRoot"];
/** No pager, no question, no lock; and no network, not even where a partial clone lacks something. */
const QUIET = {
  LC_ALL: "C",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
};
/** Of what git complains about, as much as a message needs. */
const MOST_SAID = 4_000;

export function gitIn(path: string, environment: GitEnvironment): Git {
  const inherited = INHERITED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  const env = { ...Object.fromEntries(inherited), ...QUIET };
  async function* stream(parameters: readonly string[]): AsyncGenerator<Buffer> {
    const child = spawn("git", ["--no-pager", "-C", path, ...parameters], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < MOST_SAID) said += chunk.toString();
    });
    const ended = once(child, "close");
    // Whoever stops reading early asks for its end no more.
    ended.catch(() => undefined);
    try {
      yield* child.stdout;
      const [code] = await ended.catch(missing);
      if (code !== 0) throw new Error(complaint(said));
    } finally {
      child.kill();
    }
  }
  const text = async (parameters: readonly string[]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream(parameters)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return {
    stream,
    text,
    maybe: (parameters) =>
      text(parameters).catch((error: unknown) => (error instanceof GitMissing ? Promise.reject(error) : null)),
  };
}

class GitMissing extends Error {}

function missing(cause: unknown): never {
  throw new GitMissing("git cannot be started: expected it to be installed and on the PATH", { cause });
}

/** Git's own words, without what it says of its usage. */
function complaint(said: string): string {
  const [line = ""] = said.split("\n").filter((one) => /^(fatal|error): /.test(one));
  return `git says: ${(line || said.trim() || "nothing").replace(/^(fatal|error): /, "")}`;
}
