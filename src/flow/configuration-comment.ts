import { latest } from "../core/event.js";
import { Unavailable } from "../core/failure.js";
import { pullRequestOf, type Ref } from "../core/ref.js";
import type { Clock, Discussion, Repository, Store } from "../ports.js";
import type { CheckedFile } from "../render/configuration-check.js";
import { CONFIGURATION_MARKER, renderComplaint, renderMended } from "../render/configuration-comment.js";
import { mayCreateFrom } from "./may-create.js";

interface Parts {
  readonly store: Store;
  readonly discussion: Discussion;
  readonly clock: Clock;
}

interface Told {
  readonly repository: Repository;
  readonly pullRequest: Ref;
  readonly sha: string;
  readonly path: string;
  /** What is wrong with the file there; nothing when the pull request does not touch it. */
  readonly problems: CheckedFile["problems"];
  /** Whether a check run told it. */
  readonly said: boolean;
}

/**
 * What is wrong with the file, in one comment on the pull request, where no check run tells it; what stands there is kept
 * true, also once check runs may be written, or the file is touched no more. A good file gets none.
 */
export async function tellInComment(told: Told, { store, discussion, clock }: Parts): Promise<void> {
  const { repository, pullRequest, sha, path, problems, said } = told;
  const mayCreate = mayCreateFrom(clock);
  const name = `configuration comment of ${pullRequest}`;
  const before = await store.remembered(name);
  if (said && before === undefined) return;
  const body = problems.length > 0 ? renderComplaint(path, sha, problems) : renderMended(path);
  if (body === before || !(await isHead(store, told))) return;
  const { number } = pullRequestOf(pullRequest);
  const known = await discussion.find(repository, number, CONFIGURATION_MARKER);
  if (known !== undefined) await discussion.update(repository, known, body);
  else if (said || problems.length === 0) return;
  else if (!mayCreate()) throw new Unavailable("looking for our comment took too long");
  else await discussion.create(repository, number, body);
  await store.transaction((tx) => tx.remember(name, body));
}

/** The comment is about the last commit, whatever is looked at last. */
async function isHead(store: Store, { repository, pullRequest, sha }: Told): Promise<boolean> {
  const described = latest(await store.events(repository.owner, [pullRequest]), "pull-request.described");
  return described?.head === sha;
}
