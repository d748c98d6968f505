import { expect, it } from "vitest";
import { owner } from "../../../src/core/ref.js";
import type { Token } from "../../../src/core/token.js";
import type { Driver } from "../../../src/store/sql.js";
import { type ManagedTokens, tokensOn } from "../../../src/store/tokens.js";
import { ACME, at } from "../builders.js";
import type { Contract } from "./subject.js";

const HASH = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const OTHER = owner(11);

const token = (id: string, of: Partial<Token> = {}): Token => ({
  id,
  owner: ACME,
  name: `token ${id}`,
  scopes: ["events"],
  createdAt: at(1_000),
  lastUsedAt: null,
  revokedAt: null,
  ...of,
});

const add = (tokens: ManagedTokens, ...all: readonly Token[]): Promise<boolean[]> =>
  Promise.all(all.map((one) => tokens.addToken(one, HASH)));

export const tokens: Contract = ({ store }) => {
  const open = async (): Promise<{ readonly tokens: ManagedTokens }> => {
    const opened: Driver[] = [];
    await store((driver) => {
      opened.push(driver);
      return driver;
    });
    const [driver] = opened;
    if (!driver) throw new Error("the store was opened without a driver");
    return { tokens: tokensOn(driver) };
  };

  it("gives a token by its id, with its hash byte by byte, and none by an id that is not", async () => {
    const { tokens } = await open();
    const ci = token("a1", { scopes: ["events", "reports", "metrics"] });
    expect(await add(tokens, ci)).toEqual([true]);
    const found = await tokens.token("a1");
    expect(found?.token).toEqual(ci);
    expect([...(found?.hash ?? [])]).toEqual([...HASH]);
    expect(await tokens.token("A1")).toBeUndefined();
  });

  it("tells whether a token was ever made, also when it is revoked", async () => {
    const { tokens } = await open();
    expect(await tokens.anyToken()).toBe(false);
    await add(tokens, token("a1"));
    expect(await tokens.anyToken()).toBe(true);
    await tokens.revokeToken("a1", at(2_000));
    expect(await tokens.anyToken()).toBe(true);
  });

  it("takes a name once for each account, and again when the one that had it is revoked", async () => {
    const { tokens } = await open();
    const name = "ci";
    expect(await add(tokens, token("a1", { name }), token("b1", { name, owner: OTHER }))).toEqual([true, true]);
    expect(await add(tokens, token("a2", { name }))).toEqual([false]);
    expect(await tokens.token("a2")).toBeUndefined();
    expect(await tokens.revokeToken("a1", at(2_000))).toBe(true);
    expect(await add(tokens, token("a2", { name }))).toEqual([true]);
  });

  it("takes an id once", async () => {
    const { tokens } = await open();
    expect(await add(tokens, token("a1"), token("a1", { name: "another", owner: OTHER }))).toEqual([true, false]);
    expect((await tokens.token("a1"))?.token.owner).toBe(ACME);
  });

  it("revokes a token once, and keeps when", async () => {
    const { tokens } = await open();
    await add(tokens, token("a1"), token("a2"));
    expect([await tokens.revokeToken("a1", at(2_000)), await tokens.revokeToken("a1", at(3_000))]).toEqual([true, false]);
    expect(await tokens.revokeToken("a9", at(2_000))).toBe(false);
    const revoked = (await tokens.tokens()).map(({ id, revokedAt }) => [id, revokedAt]);
    expect(revoked).toEqual([
      ["a1", 2_000],
      ["a2", null],
    ]);
  });

  it("keeps the latest use of a token, in whatever order uses are told", async () => {
    const { tokens } = await open();
    await add(tokens, token("a1"), token("a2"));
    for (const time of [5_000, 4_000]) await tokens.tokenUsed("a1", at(time));
    expect((await tokens.tokens()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([5_000, null]);
  });

  it("lists them by account and name, or an account's alone", async () => {
    const { tokens } = await open();
    await add(tokens, token("c", { owner: OTHER, name: "a" }), token("b", { name: "z" }), token("a", { name: "y" }));
    expect((await tokens.tokens()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect((await tokens.tokens(OTHER)).map(({ id }) => id)).toEqual(["c"]);
  });
};
