import { createHash } from "node:crypto";
import { z } from "zod";
import type { Annotation, Check } from "../core/check.js";
import { Refused } from "../core/failure.js";
import type { Checks, Clock, Repository } from "../ports.js";
import { asking, githubFailure, hasStatus } from "./failure.js";
import { id, parse } from "./payload.js";
import { type Client, type Clients, pathOf } from "./subject.js";

interface Access {
  readonly octokit: Clients;
  readonly appId: string;
  readonly clock: Clock;
}

const NAME = "leadtime";
/** GitHub takes no more annotations in one request. */
const AT_ONCE = 50;

const runShape = z.object({
  id,
  status: z.string(),
  conclusion: z.string().nullish(),
  external_id: z.string().nullish(),
  output: z.object({
    title: z.string().nullish(),
    summary: z.string().nullish(),
    annotations_count: z.int().nonnegative(),
  }),
});
type Run = z.output<typeof runShape>;

/**
 * Our App's check runs: one a commit, found by its name and the App. GitHub adds annotations to those that a run has, and takes
 * none away. So a run's external id tells which ones it is to have: those that are missing are sent, also after we were
 * stopped in between; and if it has others, a new run takes its place, which GitHub shows instead.
 */
export function checks(access: Access): Checks {
  const { octokit, clock } = access;
  return {
    put: (repository, sha, check) => {
      const what = `check ${sha} of ${repository.name}`;
      return asking(what, clock, async () => {
        const client = await octokit(repository.installation);
        try {
          await put({ client, repository, sha }, access.appId, check);
          return true;
        } catch (error) {
          if (isNotAllowed(error, clock)) return false;
          throw error;
        }
      });
    },
  };
}

/** The permission is missing; a limit or a suspended installation is something else. */
function isNotAllowed(error: unknown, clock: Clock): boolean {
  const failure = githubFailure(error, "write a check run", clock.now());
  return hasStatus(error, 403) && failure instanceof Refused && failure.reason === "forbidden";
}

interface Commit {
  readonly client: Client;
  readonly repository: Repository;
  readonly sha: string;
}

async function put(commit: Commit, appId: string, check: Check): Promise<void> {
  const digest = createHash("sha256").update(JSON.stringify(check.annotations)).digest("hex");
  const found = await newest(commit, appId);
  const known = found && (found.external_id === digest || found.output.annotations_count === 0) ? found : undefined;
  const { client, repository, sha } = commit;
  const batches = inBatches(check.annotations.slice(known?.output.annotations_count ?? 0));
  if (known && batches.length === 0 && says(known, check) && known.external_id === digest) return;
  let run = known?.id;
  for (const [index, batch] of (batches.length > 0 ? batches : [[]]).entries()) {
    const isLast = index >= batches.length - 1;
    const state = isLast ? ({ status: "completed", conclusion: check.conclusion } as const) : UNFINISHED;
    const output = { title: check.title, summary: check.summary, annotations: batch.map(asSent) };
    const fields = { ...pathOf(repository), name: NAME, external_id: digest, output, ...state };
    if (run === undefined) {
      const { data } = await client.rest.checks.create({ ...fields, head_sha: sha });
      run = parse(z.object({ id }), data, "GitHub's answer to a new check run").id;
    } else await client.rest.checks.update({ ...fields, check_run_id: Number(run) });
  }
}

const UNFINISHED = { status: "in_progress" } as const;

const runsShape = z.object({ check_runs: z.array(runShape) });

async function newest({ client, repository, sha }: Commit, appId: string): Promise<Run | undefined> {
  const ask = { ...pathOf(repository), ref: sha, check_name: NAME, app_id: Number(appId), filter: "latest" as const };
  const { data } = await client.rest.checks.listForRef(ask);
  return parse(runsShape, data, "GitHub's list of check runs").check_runs[0];
}

const says = ({ status, conclusion, output }: Run, check: Check): boolean =>
  status === "completed" && conclusion === check.conclusion && output.title === check.title && output.summary === check.summary;

function inBatches(annotations: readonly Annotation[]): Annotation[][] {
  const count = Math.ceil(annotations.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => annotations.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}

const asSent = ({ path, startLine, endLine, columns, level, title, message }: Annotation) => ({
  path,
  start_line: startLine,
  end_line: endLine,
  ...(columns ? { start_column: columns.start, end_column: columns.end } : {}),
  annotation_level: level,
  title,
  message,
});
