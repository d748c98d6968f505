import { z } from "zod";
import { PERMISSIONS, type Permission, type Person } from "../core/question.js";
import type { Clock, Reaction, Repository } from "../ports.js";
import { asking, hasStatus } from "./failure.js";
import { id, parse } from "./payload.js";
import { type Clients, pathOf } from "./subject.js";

interface Access {
  readonly octokit: Clients;
  readonly clock: Clock;
}

interface Reacting {
  readonly repository: Repository;
  readonly comment: string;
  readonly reaction: Reaction;
}

/** GitHub answers alike whether the reaction is new or was there. */
export async function react({ octokit, clock }: Access, { repository, comment, reaction }: Reacting): Promise<void> {
  await asking(`react to comment ${comment} in ${repository.name}`, clock, async () => {
    const client = await octokit(repository.installation);
    const on = { ...pathOf(repository), comment_id: Number(comment) };
    await client.rest.reactions.createForIssueComment({ ...on, content: reaction });
  });
}

const permissionShape = z.object({
  permission: z.string(),
  role_name: z.string().nullish(),
  user: z.object({ id, permissions: z.record(z.string(), z.boolean()).nullish() }).nullish(),
});

/** `permission` knows no triage, `role_name` may be a role of the organisation's own; what that allows, the list tells. */
const ROLES = new Map<string, Permission>(
  Object.entries({ admin: "write", maintain: "write", write: "write", triage: "triage", read: "read" } as const),
);
const RIGHTS = new Map<string, Permission>(
  Object.entries({ admin: "write", maintain: "write", push: "write", triage: "triage", pull: "read" } as const),
);

/** What somebody may do. Nothing: nobody is called that any more, or somebody else is. */
export async function permission(
  { octokit, clock }: Access,
  repository: Repository,
  { id: asker, login }: Person,
): Promise<Permission> {
  return asking(`ask what ${login} may do in ${repository.name}`, clock, async () => {
    const client = await octokit(repository.installation);
    const ask = { ...pathOf(repository), username: login };
    const answer = await client.rest.repos.getCollaboratorPermissionLevel(ask).catch((error: unknown) => {
      if (hasStatus(error, 404)) return null;
      throw error;
    });
    if (!answer) return "none";
    const { permission: base, role_name: role, user } = parse(permissionShape, answer.data, "GitHub's answer about a person");
    if (user && user.id !== asker) return "none";
    const rights = Object.entries(user?.permissions ?? {}).flatMap(([name, yes]) => (yes ? (RIGHTS.get(name) ?? []) : []));
    return most([...[base, role ?? ""].flatMap((name) => ROLES.get(name) ?? []), ...rights]);
  });
}

const most = (all: readonly Permission[]): Permission => PERMISSIONS.findLast((one) => all.includes(one)) ?? "none";
