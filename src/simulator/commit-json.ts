import { type Addresses, userJson } from "./account-json.js";
import { type Commit, changesOf, type Signature } from "./commit-graph.js";
import { accountOf, type GitHubState, type Repository } from "./github-state.js";
import { githubTime, type Json, nodeId, sha1 } from "./ids.js";
import { repositoryApi, repositoryHtml } from "./repository-json.js";

export interface View {
  readonly addresses: Addresses;
  readonly state: GitHubState;
}

const emailOf = (login: string): string => `${login.replace(/[^\w.-]/g, "")}@users.noreply.example`;
const treeOf = ({ files }: Commit): string => sha1(JSON.stringify([...files]));

/** As in REST answers and status events. */
export function commitJson({ addresses, state }: View, repository: Repository, commit: Commit): Json {
  const api = repositoryApi(addresses, repository);
  const html = repositoryHtml(addresses, repository);
  const { sha, author, committer, message, parents } = commit;
  return {
    sha,
    node_id: nodeId("Commit", sha),
    commit: {
      author: signatureJson(author),
      committer: signatureJson(committer),
      message,
      tree: { sha: treeOf(commit), url: `${api}/git/trees/${treeOf(commit)}` },
      url: `${api}/git/commits/${sha}`,
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null },
    },
    url: `${api}/commits/${sha}`,
    html_url: `${html}/commit/${sha}`,
    comments_url: `${api}/commits/${sha}/comments`,
    author: userJson(addresses, accountOf(state, author.login)),
    committer: userJson(addresses, accountOf(state, committer.login)),
    parents: parents.map((parent) => ({ sha: parent, url: `${api}/commits/${parent}`, html_url: `${html}/commit/${parent}` })),
  };
}

const signatureJson = ({ login, at }: Signature): Json => ({ name: login, email: emailOf(login), date: githubTime(at) });

/** As in push events. */
export function pushedCommitJson({ addresses }: View, repository: Repository, commit: Commit, distinct = true): Json {
  const { sha, author, committer, message } = commit;
  return {
    id: sha,
    tree_id: treeOf(commit),
    distinct,
    message,
    timestamp: githubTime(committer.at),
    url: `${repositoryHtml(addresses, repository)}/commit/${sha}`,
    author: { name: author.login, email: emailOf(author.login), username: author.login },
    committer: { name: committer.login, email: emailOf(committer.login), username: committer.login },
    ...changesOf(repository.graph, commit),
  };
}

/** As in workflow runs and check suites. */
export function headCommitJson(commit: Commit): Json {
  const { sha, author, committer, message } = commit;
  return {
    id: sha,
    tree_id: treeOf(commit),
    message,
    timestamp: githubTime(committer.at),
    author: { name: author.login, email: emailOf(author.login) },
    committer: { name: committer.login, email: emailOf(committer.login) },
  };
}
