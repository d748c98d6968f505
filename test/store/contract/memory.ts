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

  it("tells what it remembers", async () => {
    const store = await open();
    expect(await store.remembered("rules")).toBeUndefined();
    await store.transaction((tx) => tx.remember("rules", "a"));
    await store.transaction((tx) => tx.remember("rules", "b"));
    expect([await store.remembered("rules"), await store.remembered("other")]).toEqual(["b", undefined]);
  });
};
