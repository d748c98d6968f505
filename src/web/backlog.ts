/** How much may be held at once: requests, and bytes of their bodies in memory. */
export interface RoomLimits {
  readonly requests: number;
  /** What each request may hold in any case, so that a few large bodies do not keep the small ones out. */
  readonly bytesEach: number;
  /** What all of them may hold together beyond that. */
  readonly bytesShared: number;
}

export interface Backlog {
  /** Takes a place for so many bytes; returns what gives it back. Undefined when too much waits already. */
  enter(bytes: number): (() => void) | undefined;
}

/** Counts what waits for the store, answered or not, so that a flood is turned away before it fills the memory. */
export function createBacklog(limits: RoomLimits): Backlog {
  let requests = 0;
  let shared = 0;
  return {
    enter: (bytes) => {
      const beyond = Math.max(0, bytes - limits.bytesEach);
      if (requests >= limits.requests || shared + beyond > limits.bytesShared) return undefined;
      requests += 1;
      shared += beyond;
      return () => {
        requests -= 1;
        shared -= beyond;
      };
    },
  };
}
