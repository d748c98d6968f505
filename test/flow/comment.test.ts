import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/event.js";
import { Unavailable } from "../../src/core/failure.js";
import { measure } from "../../src/core/lead-time.js";
import type { StoredLink } from "../../src/core/link.js";
import { describeItem } from "../../src/core/measured-item.js";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { BUILT_IN, sourceControlPart } from "../../src/core/profile.js";
import { owner, type Ref } from "../../src/core/ref.js";
import { composeComment } from "../../src/flow/comment.js";
import { Gathering } from "../../src/flow/gather.js";
import type { CommentRecord, Queries } from "../../src/ports.js";
import { at, pullRequest, repository } from "../support/builders.js";
import { life, workItem } from "../support/life.js";

const ACME = owner(10);
const { ref: PULL_REQUEST } = pullRequest(7);
const LINK: StoredLink = {
  from: PULL_REQUEST,
  key: "PROP-1460",
  source: "branch",
  matched: "feature/PROP-1460-sign-in",
  refusal: null,
};
const JIRA = /prop-1460|sign in|jira|in progress|\| (?:done|release)|ticket created|(?<!:)(?:09:50|11:00)/i;

const profiled = (name: string) => BUILT_IN.filter((profile) => profile.name === name);
const RELEASE = profiled("ticket-to-release");
const PUBLIC_PART = [...RELEASE.map(sourceControlPart), ...profiled("pull-request")];

/** The pull request as it was measured once: its repository was private then. */
function measured({ profiles = RELEASE, links = [LINK] }: { profiles?: typeof BUILT_IN; links?: StoredLink[] } = {}) {
  const item = workItem(life(), { kind: "pull-request" });
  const leadTimes = profiles.map((profile) => measure(item, profile));
  return describeItem({ item, leadTimes, links, linked: item.pullRequests });
}

interface Now {
  readonly items: readonly MeasuredItem[];
  readonly visibility?: "public" | "private";
  readonly jira?: boolean;
  readonly configuration?: unknown;
  readonly stands?: string;
}

/** The comment on the pull request, from what was measured once and what holds now. */
function compose({ items, visibility = "public", jira = true, configuration = null, stands }: Now): Promise<string | null> {
  const known: Event[] = [...life(), repository({ visibility, at: at("13:00") })];
  const record: CommentRecord = { comment: "1", state: "kept", body: stands ?? null };
  const queries = {
    events: async (_: unknown, refs: readonly Ref[]) => known.filter(({ ref }) => refs.includes(ref)),
    item: async (_: unknown, ref: Ref) => items.find((item) => item.ref === ref),
    resolve: async () => undefined,
    stageTimes: async () => [],
    comment: async () => record,
  } as Partial<Queries> as Queries; // composing asks no more than this
  const gathering = new Gathering(queries, {
    owner: ACME,
    policy: { configuration, jira: { configured: true, owners: [] } },
    jira,
  });
  return composeComment({ queries, gathering, pullRequest: PULL_REQUEST, publicUrl: null });
}

describe("where the repository is public now", () => {
  it("waits while only what nobody else could read has been measured", async () => {
    await expect(compose({ items: [measured()] })).rejects.toThrow(Unavailable);
  });

  it("says nothing that only Jira knows, though the stored item says that it is private", async () => {
    const comment = await compose({ items: [measured({ profiles: [...RELEASE, ...PUBLIC_PART] })] });
    expect(comment).toContain("| Merge |");
    expect(comment).not.toMatch(JIRA);
  });

  it("makes safe what stands and would not be posted any more", async () => {
    const items = [measured({ profiles: [...RELEASE, ...PUBLIC_PART] })];
    const configuration = { comment: { enabled: false } };
    expect(await compose({ items, configuration })).toBeNull();
    const comment = await compose({ items, configuration, stands: "PROP-1460 Sign in" });
    expect(comment).toContain("| Merge |");
    expect(comment).not.toMatch(JIRA);
  });

  it("tells by its presence what the pull request names, not what Jira knows of it", async () => {
    const configuration = { comment: { requireTicket: true } };
    const known = measured({ profiles: PUBLIC_PART });
    const comment = await compose({ items: [known], configuration });
    expect(comment).toContain("| Merge |");
    expect(await compose({ items: [{ ...known, tickets: [] }], configuration })).toBe(comment);
    expect(await compose({ items: [{ ...known, links: [] }], configuration })).toBeNull();
  });
});

describe("where the account may not use Jira any more", () => {
  it("waits until what it measured with it is measured anew", async () => {
    await expect(compose({ items: [measured()], visibility: "private", jira: false })).rejects.toThrow(Unavailable);
  });

  it("says what was measured since", async () => {
    const item = { ...measured({ profiles: profiled("pull-request") }), tickets: [] };
    const comment = await compose({ items: [item], visibility: "private", jira: false });
    expect(comment).toContain("| Merge |");
    expect(comment).not.toMatch(JIRA);
  });
});

it("waits for a ticket that was measured for other repositories only: their profiles are not for here", async () => {
  const own = measured();
  const item = workItem(life());
  const leadTimes = RELEASE.map((profile) => measure(item, { ...profile, name: "acme/secret:merger" }));
  const ticket = describeItem({ item, leadTimes, links: [LINK], linked: item.pullRequests });
  await expect(compose({ items: [own, ticket], visibility: "private" })).rejects.toThrow(Unavailable);
});
