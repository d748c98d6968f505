import { z } from "zod";
import type { EventOf } from "../core/event.js";
import { accountRef, owner, type Ref, repositoryRef } from "../core/ref.js";
import { type Instant, instant } from "../core/time.js";
import type { Reading } from "../ports.js";
import { type Notice, observed } from "./observed.js";
import { id, parse, time } from "./payload.js";

const repositoryShape = z.object({
  id,
  name: z.string(),
  full_name: z.string(),
  private: z.boolean(),
  visibility: z.enum(["public", "private", "internal"]).nullish(),
  default_branch: z.string(),
  archived: z.boolean().nullish(),
  html_url: z.string().nullish(),
  updated_at: time.nullish(),
  pushed_at: time.nullish(),
  owner: z.object({ id, login: z.string() }),
});
type RepositoryPayload = z.output<typeof repositoryShape>;

const envelopeShape = z.object({
  action: z.string().optional(),
  repository: repositoryShape,
  installation: z.object({ id }).nullish(),
});

/** What the readers of one event family are told besides the payload. */
export interface Context {
  readonly action: string | undefined;
  readonly ref: Ref;
  readonly repository: RepositoryPayload;
  readonly receivedAt: Instant;
  /** The id of our own App, when known. */
  readonly appId: string | null;
}
export type Setting = Pick<Context, "receivedAt" | "appId">;

/** Reads a payload that happens in a repository: what it is about, and the state it carries along. */
export const inRepository =
  (read: (payload: unknown, context: Context) => Notice | null) =>
  (payload: unknown, setting: Setting): Reading | null => {
    const { action, repository, installation } = parse(envelopeShape, payload, "the payload");
    const context = { action, repository, ref: repositoryRef(repository.id), ...setting };
    const notice = read(payload, context);
    if (!notice) return null;
    const { at, events, notifies, wants = [] } = notice;
    const account = { ...repository.owner, installation: installation?.id, at };
    const own = events.some(({ type }) => type === "repository.described");
    return {
      owner: owner(repository.owner.id),
      events: [
        ...(installation ? [describeAccount({ ...account, installation: installation.id, state: "installed" })] : []),
        ...(own ? [] : [describeRepository(context, repository.updated_at ?? at)]),
        ...(notifies === null ? [] : [watched(context.ref, at)]),
        ...events,
      ],
      notifies,
      wants,
    };
  };

export function describeAccount(account: {
  readonly id: string;
  readonly login: string;
  readonly installation: string;
  readonly state: EventOf<"account.described">["state"];
  readonly at: Instant;
}): EventOf<"account.described"> {
  const { login, installation, state, at } = account;
  const ref = accountRef(account.id);
  return { type: "account.described", login, installation, state, ...observed({ id: `${ref}:described`, ref, at }) };
}

function describeRepository({ ref, repository }: Context, at: Instant, deleted = false): EventOf<"repository.described"> {
  return {
    type: "repository.described",
    name: repository.full_name,
    visibility: repository.visibility ?? (repository.private ? "private" : "public"),
    defaultBranch: repository.default_branch,
    archived: repository.archived ?? false,
    deleted,
    ...observed({ id: `${ref}:described`, ref, at, repository: ref, url: repository.html_url }),
  };
}

const watched = (ref: Ref, at: Instant): EventOf<"repository.watched"> => ({
  type: "repository.watched",
  ...observed({ id: `${ref}:watched`, ref, at, repository: ref }),
});

export const namedShape = z.object({ id, full_name: z.string(), private: z.boolean() });

/** An installation names its repositories without their state and its time: whatever is told with a time replaces this. */
export function nameRepository(named: z.output<typeof namedShape>): EventOf<"repository.described"> {
  const ref = repositoryRef(named.id);
  return {
    ...observed({ id: `${ref}:described`, ref, at: instant(0), repository: ref }),
    type: "repository.described",
    name: named.full_name,
    visibility: named.private ? "private" : "public",
    defaultBranch: "",
    archived: false,
    deleted: false,
  };
}

/** `repository`: its state changed. A deletion has no time of its own. */
export function readRepository(_payload: unknown, context: Context): Notice {
  const { action, repository, receivedAt } = context;
  const at = action === "deleted" ? receivedAt : (repository.updated_at ?? receivedAt);
  const described = describeRepository(context, at, action === "deleted");
  return { at, events: [described], notifies: described.id };
}

const refShape = z.object({ ref_type: z.string() });

/** `create`: a branch or tag, which has no time of its own but that of the push that made it. */
export function readCreate(payload: unknown, { repository, receivedAt }: Context): Notice {
  parse(refShape, payload, "the payload");
  return { at: repository.pushed_at ?? receivedAt, events: [], notifies: null };
}
