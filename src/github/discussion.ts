import { z } from "zod";
import { Refused } from "../core/failure.js";
import type { Clock, Discussion, Repository, Standing } from "../ports.js";
import { asking } from "./failure.js";
import { PER_PAGE, pages } from "./pages.js";
import { id, parse } from "./payload.js";
import { permission, react } from "./questions.js";
import { type Client, type Clients, pathOf } from "./subject.js";

interface Access {
  readonly octokit: Clients;
  readonly appId: string;
  readonly clock: Clock;
}

const commentShape = z.object({
  id,
  body: z.string().nullish(),
  user: z.object({ login: z.string(), type: z.string().nullish() }).nullish(),
  performed_via_github_app: z.object({ id }).nullish(),
});
type Comment = z.output<typeof commentShape>;
const createdShape = z.object({ id });
const conversationShape = z.object({ locked: z.boolean().nullish() });
const appShape = z.object({ slug: z.string() });

/** Our App's comments on pull requests, and what it needs to answer those of others. */
export function discussion(access: Access): Discussion {
  let known: string | undefined;
  const ownLogin = async (client: Client) => {
    known ??= await readOwnLogin(client);
    return known;
  };
  return {
    find: (repository, number, marker) => find(access, { repository, number, marker, ownLogin }),
    create: (repository, number, body) => create(access, { repository, number, body }),
    update: (repository, comment, body) => update(access, { repository, comment, body }),
    standing: (repository, number) => standing(access, repository, number),
    react: (repository, comment, reaction) => react(access, { repository, comment, reaction }),
    permission: (repository, person) => permission(access, repository, person),
  };
}

interface Wanted {
  readonly repository: Repository;
  readonly number: number;
  readonly marker: string;
  readonly ownLogin: (octokit: Client) => Promise<string>;
}

/** The first that is ours: everybody may paste the marker into a comment of their own. */
async function find({ octokit, appId, clock }: Access, wanted: Wanted): Promise<string | undefined> {
  const { repository, number, marker, ownLogin } = wanted;
  const what = `list the comments of ${repository.name}#${number}`;
  return asking(what, clock, async () => {
    const client = await octokit(repository.installation);
    const ask = (page: number) =>
      client.rest.issues.listComments({ ...pathOf(repository), issue_number: number, per_page: PER_PAGE, page });
    for await (const comments of pages(commentShape, "GitHub's list of comments", ask)) {
      for (const comment of comments.filter(({ body }) => firstLine(body) === marker)) {
        if (await isOurs(comment, appId, () => ownLogin(client))) return comment.id;
      }
    }
    return undefined;
  });
}

const firstLine = (body: string | null | undefined): string => body?.split(/\r?\n/, 1)[0]?.trim() ?? "";

/** GitHub Enterprise Server does not always say which App wrote a comment: then its account's name does. */
async function isOurs(comment: Comment, appId: string, ownLogin: () => Promise<string>): Promise<boolean> {
  const { performed_via_github_app: app, user } = comment;
  if (app) return app.id === appId;
  return user?.type === "Bot" && user.login === (await ownLogin());
}

async function readOwnLogin(client: Client): Promise<string> {
  const { data } = await client.rest.apps.getAuthenticated();
  return `${parse(appShape, data, "GitHub's answer about our App").slug}[bot]`;
}

async function create(
  { octokit, clock }: Access,
  comment: { repository: Repository; number: number; body: string },
): Promise<string> {
  const { repository, number, body } = comment;
  return asking(`comment on ${repository.name}#${number}`, clock, async () => {
    const client = await octokit(repository.installation);
    const { data } = await client.rest.issues.createComment({ ...pathOf(repository), issue_number: number, body });
    return parse(createdShape, data, "GitHub's answer to a new comment").id;
  });
}

async function update(
  { octokit, clock }: Access,
  edit: { repository: Repository; comment: string; body: string },
): Promise<void> {
  const { repository, comment, body } = edit;
  await asking(`change comment ${comment} in ${repository.name}`, clock, async () => {
    const client = await octokit(repository.installation);
    await client.rest.issues.updateComment({ ...pathOf(repository), comment_id: Number(comment), body });
  });
}

async function standing(access: Access, repository: Repository, number: number): Promise<Standing> {
  const { octokit, clock } = access;
  return asking(`look at ${repository.name}#${number}`, clock, async () => {
    const client = await octokit(repository.installation);
    const { data } = await client.rest.pulls.get({ ...pathOf(repository), pull_number: number });
    return parse(conversationShape, data, "GitHub's answer about a pull request").locked === false ? "open" : "locked";
  }).catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    return (await isShown(access, repository)) ? "gone" : "hidden";
  });
}

const isMissing = (error: unknown): boolean => error instanceof Refused && error.reason === "missing";

/** GitHub hides what we may not see as if it were not there. */
async function isShown({ octokit, clock }: Access, repository: Repository): Promise<boolean> {
  return asking(`look at ${repository.name}`, clock, async () => {
    const client = await octokit(repository.installation);
    await client.rest.repos.get({ ...pathOf(repository) });
    return true;
  }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return false;
  });
}
