import fc from "fast-check";
import { expect, it } from "vitest";
import { type Place, sharedBytes } from "../../src/store/shared-bytes.js";

/** Puts so many bytes, or releases the oldest. */
const step = fc.oneof(fc.nat({ max: 40 }), fc.constant("release" as const));

it("never gives a place away before it is released, whatever is put", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const shared = sharedBytes(64);
      const held: { place: Place; bytes: Uint8Array }[] = [];
      for (const [index, one] of steps.entries()) {
        if (one === "release") shared.release(held.splice(0, 1).length);
        else {
          const bytes = new Uint8Array(one).fill((index % 255) + 1);
          const place = shared.put(bytes);
          if (place) held.push({ place, bytes });
        }
        for (const { place, bytes } of held) {
          expect([...new Uint8Array(shared.memory, place.start, place.length)]).toEqual([...bytes]);
        }
      }
    }),
  );
});

it("has all of its room again when all is released", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 50 }), (sizes) => {
      const shared = sharedBytes(64);
      const put = sizes.filter((size) => shared.put(new Uint8Array(size)) !== undefined);
      shared.release(put.length);
      expect(shared.put(new Uint8Array(64))).toEqual({ start: 0, length: 64 });
      expect(shared.put(new Uint8Array(1))).toBeUndefined();
    }),
  );
});
