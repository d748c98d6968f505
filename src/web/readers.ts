import type { RoomLimits } from "./backlog.js";

/** A body that is being read. */
export interface Reading {
  /** Whether it may grow to this many bytes. */
  grow(bytes: number): boolean;
  end(): void;
}

export interface Readers {
  /** Always: at worst another one gives way, whose `giveWay` is called. */
  begin(giveWay: () => void): Reading;
}

interface One {
  /** Bytes beyond what each may hold in any case. */
  taken: number;
  readonly giveWay: () => void;
}

/**
 * Room for bodies that are being read, from senders that nobody has told from an attacker yet. When there is none left, who came
 * first gives way: those that mean well are done in no time, and those that dawdle keep nobody out.
 */
export function createReaders(limits: RoomLimits): Readers {
  const all = new Set<One>(); // in the order in which they came
  let shared = 0;
  const end = (one: One) => {
    if (all.delete(one)) shared -= one.taken;
  };
  const cut = (one: One) => {
    end(one);
    one.giveWay();
  };
  const makeRoom = (bytes: number, but: One) => {
    for (const one of all) {
      if (shared + bytes <= limits.bytesShared) return;
      if (one !== but && one.taken > 0) cut(one);
    }
  };
  return {
    begin: (giveWay) => {
      const [oldest] = all;
      if (oldest && all.size >= limits.requests) cut(oldest);
      const own: One = { taken: 0, giveWay };
      all.add(own);
      return {
        grow: (bytes) => {
          const more = Math.max(0, bytes - limits.bytesEach) - own.taken;
          if (more <= limits.bytesShared - own.taken) makeRoom(more, own);
          if (shared + more > limits.bytesShared) return false;
          shared += more;
          own.taken += more;
          return true;
        },
        end: () => end(own),
      };
    },
  };
}
