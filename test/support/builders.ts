import type { EventOf, EventType } from "../../src/core/event.js";
import {
  commitRef,
  deploymentRef,
  keyRef,
  pullRequestRef,
  type Ref,
  releaseRef,
  repositoryRef,
  statusRef,
  ticketRef,
  versionRef,
} from "../../src/core/ref.js";
import { type Instant, instant, parseInstant } from "../../src/core/time.js";

/** `10:05` or `10:05:30` of 6 May 2024, the day of the worked examples; or a whole ISO time. */
export function at(clock: string): Instant {
  const text = clock.includes("T") ? clock : `2024-05-06T${clock.length === 5 ? `${clock}:00` : clock}Z`;
  const read = parseInstant(text);
  if (read === undefined) throw new RangeError(`expected a time such as 10:05, found ${clock}`);
  return read;
}
export const later = (time: Instant, milliseconds: number): Instant => instant(time + milliseconds);

export const REPOSITORY = repositoryRef(1);
export const TICKET = ticketRef(1460);
export const AUTHOR = { login: "ada", bot: false };
export const REVIEWER = { login: "grace", bot: false };

type Over<Type extends EventType> = Partial<Omit<EventOf<Type>, "type">>;

const fact = (id: string, ref: Ref, time: Instant) => ({ id, ref, at: time, precision: "exact" as const, reader: 1 });

/** What Jira tells of the ticket PROP-1460. */
export const ticket = {
  created: (time: Instant, over: Over<"ticket.created"> = {}): EventOf<"ticket.created"> => ({
    ...fact(`${TICKET}:created`, TICKET, time),
    type: "ticket.created",
    ...over,
  }),
  described: (time: Instant, over: Over<"ticket.described"> = {}): EventOf<"ticket.described"> => ({
    ...fact(`${TICKET}:described`, TICKET, time),
    type: "ticket.described",
    key: "PROP-1460",
    title: "Sign in",
    issueType: "Story",
    level: 0,
    project: "PROP",
    status: { id: "10", name: "To Do" },
    resolution: null,
    fixVersions: [],
    labels: [],
    ...over,
  }),
  history: (time: Instant): EventOf<"ticket.history"> => ({
    ...fact(`${TICKET}:history`, TICKET, time),
    type: "ticket.history",
  }),
  deleted: (time: Instant): EventOf<"ticket.deleted"> => ({
    ...fact(`${TICKET}:deleted`, TICKET, time),
    type: "ticket.deleted",
  }),
  /** `change`: the id of the changelog entry. The id of the status is its name. */
  status: (change: string, name: string, time: Instant, over: Over<"ticket.status"> = {}): EventOf<"ticket.status"> => ({
    ...fact(`${TICKET}:status:${change}`, TICKET, time),
    type: "ticket.status",
    status: { id: name, name },
    migrated: false,
    initial: change === "initial",
    ...over,
  }),
  field: (change: string, field: string, to: string | null, time: Instant): EventOf<"ticket.field"> => ({
    ...fact(`${TICKET}:field:${change}:${field.toLowerCase()}`, TICKET, time),
    type: "ticket.field",
    field,
    to,
  }),
};

export const category = (status: string, of: EventOf<"status.category">["category"]): EventOf<"status.category"> => ({
  ...fact(`${statusRef(status)}:category`, statusRef(status), at("00:00")),
  type: "status.category",
  category: of,
});

/** What Jira tells of a fix version. */
export const version = (id: string) => {
  const ref = versionRef(id);
  return {
    described: (time: Instant, released: boolean): EventOf<"version.described"> => ({
      ...fact(`${ref}:described`, ref, time),
      type: "version.described",
      name: `v${id}`,
      released,
    }),
    released: (time: Instant): EventOf<"version.released"> => ({
      ...fact(`${ref}:released:${time}`, ref, time),
      type: "version.released",
    }),
    releasedOn: (time: Instant): EventOf<"version.released"> => ({
      ...fact(`${ref}:released`, ref, time),
      type: "version.released",
      precision: "day",
    }),
    unreleased: (time: Instant): EventOf<"version.unreleased"> => ({
      ...fact(`${ref}:unreleased:${time}`, ref, time),
      type: "version.unreleased",
    }),
  };
};

export const repository = (over: Over<"repository.described"> = {}): EventOf<"repository.described"> => ({
  ...fact(`${REPOSITORY}:described`, REPOSITORY, at("00:00")),
  type: "repository.described",
  name: "acme/web",
  visibility: "private",
  defaultBranch: "main",
  archived: false,
  deleted: false,
  ...over,
});

export const commit = (sha: string, authoredAt: Instant, over: Partial<EventOf<"commit.pushed">["commit"]> = {}) => ({
  sha,
  authoredAt,
  committedAt: authoredAt,
  parents: 1,
  message: `PROP-1460 ${sha}`,
  ...over,
});

/** What GitHub tells of a pull request of acme/web. */
export const pullRequest = (number: number) => {
  const ref = pullRequestRef(1, number);
  const said = <Type extends EventType>(type: Type, what: string, time: Instant) => ({
    ...fact(`${ref}:${what}`, ref, time),
    repository: REPOSITORY,
    type,
  });
  const reviewed = <Type extends "pull-request.reviewed" | "pull-request.approved">(
    type: Type,
    review: string,
    time: Instant,
  ) => ({
    ...said(type, "", time),
    id: `github:review:${review}:submitted`,
    actor: REVIEWER,
    review,
  });
  return {
    ref,
    described: (time: Instant, over: Over<"pull-request.described"> = {}): EventOf<"pull-request.described"> => ({
      ...said("pull-request.described", "described", time),
      number,
      title: "Sign in",
      branch: "feature/PROP-1460-sign-in",
      base: "main",
      head: `head${number}`,
      author: AUTHOR,
      draft: false,
      state: "open",
      mergeCommit: null,
      labels: [],
      assigned: false,
      ...over,
    }),
    opened: (time: Instant): EventOf<"pull-request.opened"> => said("pull-request.opened", "opened", time),
    drafted: (time: Instant): EventOf<"pull-request.drafted"> => said("pull-request.drafted", `drafted:${time}`, time),
    ready: (time: Instant): EventOf<"pull-request.ready"> => said("pull-request.ready", `ready:${time}`, time),
    labeled: (label: string, time: Instant): EventOf<"pull-request.labeled"> => ({
      ...said("pull-request.labeled", `labeled:${label}:${time}`, time),
      label,
    }),
    commits: (
      time: Instant,
      commits: EventOf<"pull-request.commits">["commits"],
      head = `head${number}`,
    ): EventOf<"pull-request.commits"> => ({
      ...said("pull-request.commits", `commits:${head}`, time),
      head,
      commits,
    }),
    reviewed: (review: string, time: Instant, over: Over<"pull-request.reviewed"> = {}): EventOf<"pull-request.reviewed"> => ({
      ...reviewed("pull-request.reviewed", review, time),
      ...over,
    }),
    approved: (review: string, time: Instant, over: Over<"pull-request.approved"> = {}): EventOf<"pull-request.approved"> => ({
      ...reviewed("pull-request.approved", review, time),
      ...over,
    }),
    dismissed: (review: string, time: Instant): EventOf<"pull-request.dismissed"> => ({
      ...said("pull-request.dismissed", "", time),
      id: `github:review:${review}:dismissed`,
      review,
    }),
    commented: (
      comment: string,
      time: Instant,
      over: Over<"pull-request.commented"> = {},
    ): EventOf<"pull-request.commented"> => ({
      ...said("pull-request.commented", "", time),
      id: `github:comment:${comment}`,
      actor: REVIEWER,
      command: false,
      ...over,
    }),
    merged: (time: Instant, over: Over<"pull-request.merged"> = {}): EventOf<"pull-request.merged"> => ({
      ...said("pull-request.merged", "merged", time),
      mergeCommit: `merge${number}`,
      base: "main",
      ...over,
    }),
    closed: (time: Instant): EventOf<"pull-request.closed"> => said("pull-request.closed", `closed:${time}`, time),
    reopened: (time: Instant): EventOf<"pull-request.reopened"> => said("pull-request.reopened", `reopened:${time}`, time),
    deleted: (time: Instant): EventOf<"pull-request.deleted"> => said("pull-request.deleted", "deleted", time),
    linked: (key: string, time: Instant): EventOf<"pull-request.linked"> => ({
      ...said("pull-request.linked", `linked:${key}:${time}`, time),
      actor: REVIEWER,
      key,
    }),
    unlinked: (key: string, time: Instant): EventOf<"pull-request.unlinked"> => ({
      ...said("pull-request.unlinked", `unlinked:${key}:${time}`, time),
      actor: REVIEWER,
      key,
    }),
  };
};

/** A workflow run on a commit. */
export const run = (id: string, sha: string, time: Instant, over: Over<"ci.completed"> = {}): EventOf<"ci.completed"> => ({
  ...fact(`github:run:${id}`, commitRef(1, sha), time),
  repository: REPOSITORY,
  type: "ci.completed",
  source: "run",
  name: "build",
  conclusion: "success",
  trigger: "push",
  startedAt: null,
  ...over,
});

export const deployment = (
  id: string,
  sha: string,
  time: Instant,
  over: Over<"deployment.succeeded"> = {},
): EventOf<"deployment.succeeded"> => ({
  ...fact(`${deploymentRef(id)}:succeeded`, deploymentRef(id), time),
  repository: REPOSITORY,
  type: "deployment.succeeded",
  sha,
  environment: "production",
  production: true,
  transient: false,
  ...over,
});

/** A release of a tag, with the commit that the tag was found to name. */
export const release = (
  id: string,
  sha: string,
  time: Instant,
  over: Over<"release.published"> = {},
): [EventOf<"release.published">, EventOf<"release.resolved">] => [
  {
    ...fact(`${releaseRef(id)}:published`, releaseRef(id), time),
    repository: REPOSITORY,
    type: "release.published",
    tag: `v${id}`,
    prerelease: false,
    name: `v${id}`,
    ...over,
  },
  { ...fact(`${releaseRef(id)}:resolved`, releaseRef(id), time), repository: REPOSITORY, type: "release.resolved", sha },
];

export const posted = (id: string, eventType: string, time: Instant, over: Over<"api-event"> = {}): EventOf<"api-event"> => ({
  ...fact(`api:${id}`, keyRef("PROP-1"), time),
  type: "api-event",
  eventType,
  ...over,
});
