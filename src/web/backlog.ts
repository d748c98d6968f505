/** How much may wait at once: requests, and bytes of their bodies in memory. */
export interface BacklogLimits {
  readonly requests: number;
  /** What each request may hold in any case, so that a few large bodies do not keep the small ones out. */
  readonly bytesEach: number;
  /** What all of them may hold together beyond that. */
  readonly bytesShared: number;
}

/** A request's place among those that wait. */
export interface Place {
  /** Whether its body may grow to this many bytes. */
  grow(bytes: number): boolean;
  leave(): void;
}

export interface Backlog {
  /** Undefined when too many wait already. */
  enter(): Place | undefined;
}

/** Counts what waits for the store, so that a flood is turned away before it fills the memory. */
export function createBacklog(limits: BacklogLimits): Backlog {
  let requests = 0;
  let shared = 0;
  function takePlace(): Place {
    let taken = 0;
    return {
      grow(bytes) {
        const more = Math.max(0, bytes - limits.bytesEach) - taken;
        if (shared + more > limits.bytesShared) return false;
        shared += more;
        taken += more;
        return true;
      },
      leave() {
        requests -= 1;
        shared -= taken;
      },
    };
  }
  return {
    enter() {
      if (requests >= limits.requests) return undefined;
      requests += 1;
      return takePlace();
    },
  };
}
