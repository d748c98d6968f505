import type { Installation, PullRequest, Repository } from "./github-state.js";
import type { Answer, Call } from "./http.js";
import type { Permission } from "./manifest.js";
import type { Parameters, Route } from "./route.js";
import type { Site } from "./site.js";

export interface AppRequest {
  readonly site: Site;
  readonly call: Call;
  readonly parameters: Parameters;
}
export interface InstallationRequest extends AppRequest {
  readonly installation: Installation;
}
export interface RepositoryRequest extends InstallationRequest {
  readonly repository: Repository;
}
/** Who may call: the App with its JSON web token, an installation, or an installation about one of its repositories. */
export type GitHubRoute = Route &
  (
    | { readonly as: "app"; readonly answer: (request: AppRequest) => Answer | Promise<Answer> }
    | { readonly as: "installation"; readonly answer: (request: InstallationRequest) => Answer }
    /** `needs`: any of these permissions. */
    | {
        readonly as: "repository";
        readonly needs: readonly Permission[];
        readonly answer: (request: RepositoryRequest) => Answer;
      }
  );

/** The pull request that `:number` of the path names. */
export const pullRequestIn = ({ repository, parameters }: RepositoryRequest): PullRequest | undefined =>
  repository.pullRequests.get(Number(parameters.number));

/** One page of a list as GitHub gives it: 30 unless asked, at most 100, with links to the others. */
export function paged(
  call: Call,
  items: readonly unknown[],
  wrap: (page: readonly unknown[]) => unknown = (page) => page,
): Answer {
  const size = Math.min(Math.max(Number(call.query.get("per_page") ?? 30) || 30, 1), 100);
  const page = Math.max(Number(call.query.get("page") ?? 1) || 1, 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const body = wrap(items.slice((page - 1) * size, page * size));
  const link = linkHeader(call, { page, last });
  return { status: 200, body, ...(link && { headers: { link } }) };
}

function linkHeader(call: Call, { page, last }: { page: number; last: number }): string {
  const to = (target: number, rel: string) => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(target));
    return `<${call.origin}${encodeURI(call.path)}?${query}>; rel="${rel}"`;
  };
  const back = page > 1 ? [to(page - 1, "prev"), to(1, "first")] : [];
  const on = page < last ? [to(page + 1, "next"), to(last, "last")] : [];
  return [...back, ...on].join(", ");
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
