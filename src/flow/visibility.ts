import type { EventOf } from "../core/event.js";

type Described = EventOf<"repository.described">;

const OPENNESS = { public: 2, internal: 1, private: 0 } as const;

/** Whether a repository may be told of where another one of its account is read: it is there, and no less visible. */
export const isSeenFrom = (here: Pick<Described, "visibility">, other: Described): boolean =>
  !other.deleted && OPENNESS[other.visibility] >= OPENNESS[here.visibility];
