import type { Octokit } from "@octokit/rest";
import type { Clock, Repository } from "../ports.js";

/** The part of Octokit that is used: Probot's and the plain one both have it. */
export type Client = Pick<Octokit, "rest" | "request">;
/** The Octokit of an installation. */
export type Clients = (installation: string) => Promise<Client>;

/** `acme/web` as Octokit takes it. */
interface Path {
  readonly owner: string;
  readonly repo: string;
}
export function pathOf({ name }: Pick<Repository, "name">): Path {
  const [owner = "", repo = ""] = name.split("/");
  return { owner, repo };
}

/** The repository that is asked about, and who asks. */
export interface Subject {
  readonly client: Client;
  readonly repository: Repository;
  readonly path: Path;
  readonly clock: Clock;
}
