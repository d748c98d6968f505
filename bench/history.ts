import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

/** Always the same, so that runs compare. */
function chance(): (below: number) => number {
  let state = 7;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const WORDS = "fix the thing that broke when somebody added another stage to our long pipeline before a release".split(" ");
const EVERY = 600;

/**
 * Writes a bare repository of a made-up team: two of three pull requests merged with one to five commits, the third squashed,
 * a ticket in every branch name or title, a tag for every 150 of them.
 */
export async function writeHistory(folder: string, commits: number): Promise<void> {
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", folder]);
  const git = spawn("git", ["-C", folder, "fast-import", "--quiet"], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(git, "close");
  for (const piece of historyPieces(commits)) if (!git.stdin.write(piece)) await once(git.stdin, "drain");
  git.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

function* historyPieces(commits: number): Generator<string> {
  const below = chance();
  const text = (words: number) => Array.from({ length: words }, () => WORDS[below(WORDS.length)]).join(" ");
  let mark = 0;
  const commit = (parents: readonly number[], [authored, committed]: readonly [number, number], message: string): string => {
    const [from, ...merged] = parents.map((parent) => `:${parent}`);
    const people = `author Ann <ann@example.com> ${authored} +0000\ncommitter Ann <ann@example.com> ${committed} +0000`;
    const lines = [`commit refs/heads/main`, `mark :${++mark}`, people, `data ${message.length}`, message];
    return [...lines, ...(from ? [`from ${from}`] : []), ...merged.map((one) => `merge ${one}`), "", ""].join("\n");
  };
  let time = 1_600_000_000;
  yield commit([], [time, time], "begin");
  time += 9 * EVERY;
  let main = mark;
  /** The branch's ends, latest first: work begins from what was there when it began. */
  const ends = [main];
  for (let number = 1; mark < commits; number++) {
    time += EVERY;
    const begun = time - 9 * EVERY;
    if (below(3) === 0) {
      yield commit([main], [begun, time], `${text(6)} PROP-${number} (#${number})\n\n${text(40)}`);
    } else {
      let branch = ends.at(-1) ?? main;
      for (let left = 1 + below(5); left > 0; left--) {
        yield commit([branch], [begun - left, begun - left], `${text(7)}\n\n${text(30)}`);
        branch = mark;
      }
      yield commit(
        [main, branch],
        [time, time],
        `Merge pull request #${number} from acme/feature/PROP-${number}-x\n\n${text(6)}`,
      );
    }
    main = mark;
    ends.unshift(main);
    ends.splice(10);
    if (number % 150 === 0)
      yield `tag v1.${number / 150}.0\nfrom :${main}\ntagger Ann <ann@example.com> ${time + 300} +0000\ndata 0\n\n`;
  }
}
