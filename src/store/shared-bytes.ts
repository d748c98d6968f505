/** Where bytes lie in memory that is shared with a thread. */
export interface Place {
  readonly start: number;
  readonly length: number;
}

export const isPlace = (bytes: Place | Uint8Array): bytes is Place => !(bytes instanceof Uint8Array);

export interface SharedBytes {
  readonly memory: SharedArrayBuffer;
  /** Copies bytes in, behind those that were put before; undefined when there is no room. */
  put(bytes: Uint8Array): Place | undefined;
  /** What was put first, so many times, is not needed any more. */
  release(count: number): void;
}

/** A ring: what is put first is released first. Nothing is allocated, hence nothing is left to the garbage collector. */
export function sharedBytes(size: number): SharedBytes {
  const memory = new SharedArrayBuffer(size);
  const all = new Uint8Array(memory);
  const held: Place[] = [];
  const roomFor = (length: number): number | undefined => {
    const [first, last] = [held[0], held.at(-1)];
    if (!first || !last) return length <= size ? 0 : undefined;
    const end = last.start + last.length;
    if (first.start >= end) return end + length <= first.start ? end : undefined;
    if (end + length <= size) return end;
    return length <= first.start ? 0 : undefined;
  };
  return {
    memory,
    put: (bytes) => {
      const start = roomFor(bytes.byteLength);
      if (start === undefined) return undefined;
      all.set(bytes, start);
      const place = { start, length: bytes.byteLength };
      held.push(place);
      return place;
    },
    release: (count) => void held.splice(0, count),
  };
}
