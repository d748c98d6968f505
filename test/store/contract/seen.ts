import { expect, it } from "vitest";
import type { Event, EventOf } from "../../../src/core/event.js";
import { commitRef, deploymentRef, type Ref, repositoryRef, SHARED, statusRef, ticketRef } from "../../../src/core/ref.js";
import { withLanes } from "../../../src/core/relation.js";
import { ACME, at, ticket } from "../builders.js";
import type { Contract } from "./subject.js";

const WEB = repositoryRef(7);
const API = repositoryRef(71);
const observed = (id: string, ref: Ref, repository?: Ref) => ({
  ...{ id, ref, at: at(1000), precision: "exact" as const, reader: 1 },
  ...(repository ? { repository } : {}),
});

const described = (ref: Ref, name: string): EventOf<"repository.described"> => ({
  ...observed(`${ref}:described`, ref, ref),
  ...{ type: "repository.described", name, visibility: "private", defaultBranch: "main", archived: false, deleted: false },
});

const deployed = (id: string, repository: Ref, environment: string): EventOf<"deployment.succeeded"> => ({
  ...observed(`${deploymentRef(id)}:succeeded`, deploymentRef(id), repository),
  ...{ type: "deployment.succeeded", sha: "c1", environment, production: false, transient: false },
});

const completed = (
  id: string,
  repository: Ref,
  { source, name }: Pick<EventOf<"ci.completed">, "source" | "name">,
): EventOf<"ci.completed"> => ({
  ...observed(`github:${source}:${id}`, commitRef(7, "c1"), repository),
  ...{ type: "ci.completed", source, name, conclusion: "success", trigger: null, startedAt: null },
});

const EVENTS: readonly Event[] = withLanes([
  described(WEB, "acme/web"),
  described(API, "acme/api"),
  deployed("1", WEB, "Production"),
  deployed("2", WEB, "production"),
  deployed("3", API, "staging"),
  completed("1", WEB, { source: "run", name: "build" }),
  completed("2", WEB, { source: "run", name: "build" }),
  completed("3", API, { source: "run", name: "smoke" }),
  completed("1", WEB, { source: "suite", name: "circle" }),
  completed("1", API, { source: "status", name: "lint" }),
]);

const sorted = (names: object) => Object.fromEntries(Object.entries(names).map(([kind, all]) => [kind, [...all].sort()]));

export const seen: Contract = ({ store: open }) => {
  it("tells which names came up in an account, each once", async () => {
    const store = await open();
    await store.transaction((tx) => tx.append(ACME, EVENTS));
    expect(sorted(await store.namesSeen(ACME, null))).toEqual({
      repositories: ["acme/api", "acme/web"],
      environments: ["production", "staging"],
      workflows: ["build", "smoke"],
      checks: ["circle", "lint"],
    });
    expect(sorted(await store.namesSeen(SHARED, null))).toEqual({
      repositories: [],
      environments: [],
      workflows: [],
      checks: [],
    });
  });

  it("tells which came up in one repository, and not in another whose id begins alike", async () => {
    const store = await open();
    await store.transaction((tx) => tx.append(ACME, EVENTS));
    expect(sorted(await store.namesSeen(ACME, WEB))).toEqual({
      repositories: ["acme/web"],
      environments: ["production"],
      workflows: ["build"],
      checks: ["circle"],
    });
  });

  it("tells the names of the statuses of tickets, also of those that were left", async () => {
    const store = await open();
    const category = (id: string): EventOf<"status.category"> => ({
      ...observed(`${statusRef(id)}:category`, statusRef(id)),
      ...{ type: "status.category", category: "to-do" },
    });
    const moved: EventOf<"ticket.status"> = {
      ...observed(`${ticketRef(1)}:101:status`, ticketRef(1)),
      ...{ type: "ticket.status", status: { id: "3", name: "In Progress" }, from: { id: "1", name: "Open" } },
      ...{ migrated: false, initial: false },
    };
    const events = [category("1"), category("3"), category("9"), moved, ticket(1), ticket(2)];
    await store.transaction((tx) => tx.append(SHARED, events));
    expect((await store.statusesSeen()).sort()).toEqual(["In Progress", "Open"]);
  });
};
