import { expect, it } from "vitest";
import type { Contract } from "./subject.js";

export const memory: Contract = ({ store: open }) => {
  it("tells whether what it is to remember is new", async () => {
    const store = await open();
    const remember = (value: string) => store.transaction((tx) => tx.remember("rules", value));
    expect([await remember("a"), await remember("a"), await remember("b"), await remember("a")]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
};
