import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createToken, listTokens, revokeToken } from "../src/cli-token.js";
import type { EventOf } from "../src/core/event.js";
import { owner } from "../src/core/ref.js";
import type { Store } from "../src/ports.js";
import { openStore } from "../src/store/open.js";
import { openTokens, type TokenOffice } from "../src/store/open-tokens.js";
import { mintToken } from "../src/web/token.js";
import { account, at } from "./store/builders.js";
import { silent } from "./store/databases.js";
import { emptyFolder, runCommand } from "./support/command.js";

// A process takes seconds to start where many tests share two processors.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let url: string;
beforeEach(async () => {
  folder = await emptyFolder();
  url = `sqlite:${join(folder, "leadtime.db")}`;
});

const run = (...parameters: string[]) => runCommand(folder, ["token", ...parameters], { DATABASE_URL: url });

/** A database that an app uses, with these accounts. */
async function inUse(...accounts: EventOf<"account.described">[]): Promise<Store> {
  const store = await openStore(url, { log: silent });
  onTestFinished(() => store.close());
  for (const [index, one] of accounts.entries()) await store.transaction((tx) => tx.append(owner(index + 1), [one]));
  return store;
}

async function officeWith(...accounts: Parameters<typeof inUse>): Promise<TokenOffice> {
  await inUse(...accounts);
  const office = await openTokens(url);
  onTestFinished(() => office.close());
  return office;
}

const acme = account(1, { login: "Acme" });
const globex = account(2, { login: "globex" });
const gone = account(3, { login: "initech", state: "deleted", installation: null });
const NOW = at(Date.parse("2024-05-06T12:00:00Z"));
const TOKEN = /^leadtime_([0-9a-f]{12})_[0-9a-f]{64}$/;

const create = (office: TokenOffice, name: string, login = "acme") =>
  createToken(
    office,
    { name, owner: login, scopes: ["reports", "events", "events"], now: NOW, minted: mintToken(randomBytes) },
    false,
  );

describe("leadtime token create", () => {
  it("shows the token this once, and keeps nothing but its hash", async () => {
    const office = await officeWith(acme, globex);
    const [about, text = "", ...others] = (await create(office, "ci")).split("\n");
    expect([about, others]).toEqual(["Token ci of Acme, for events, reports. Keep it: it is not shown again.", []]);
    const id = TOKEN.exec(text)?.[1] ?? "";
    expect(await office.token(id)).toMatchObject({
      token: { id, owner: "1", name: "ci", scopes: ["events", "reports"], createdAt: NOW, lastUsedAt: null, revokedAt: null },
    });
    const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), "latin1")));
    expect(files.join()).toContain(id);
    expect(files.join()).not.toContain(text.slice(-64));
  });

  it.each([
    ["nobody", "the GitHub App is installed on no account called nobody, but on Acme, globex"],
    ["initech", "the GitHub App is installed on no account called initech, but on Acme, globex"],
    ["no\u001b[31mbody", "the GitHub App is installed on no account called no\\u001b[31mbody, but on Acme, globex"],
  ])("for %j tells which accounts there are", async (login, message) => {
    const office = await officeWith(acme, globex, gone);
    await expect(create(office, "ci", login)).rejects.toThrow(new Error(message));
    expect(await office.tokens()).toEqual([]);
  });

  it("before any account is known says what to do", async () => {
    const office = await officeWith();
    await expect(create(office, "ci")).rejects.toThrow("install the GitHub App");
  });

  it("refuses a name that the account has, until that one is revoked", async () => {
    const office = await officeWith(acme, globex);
    await create(office, "ci");
    await create(office, "ci", "GLOBEX");
    await expect(create(office, "ci")).rejects.toThrow("Acme has a token called ci already: revoke it, or choose another name");
  });
});

describe("leadtime token list", () => {
  it("shows all tokens, or an account's, without their secrets", async () => {
    const office = await officeWith(acme, globex);
    expect(await listTokens(office, undefined, false)).toBe("There is no token.");
    await create(office, "ci");
    await create(office, "board", "globex");
    const [one, other] = await office.tokens();
    await office.tokenUsed(one?.id ?? "", at(NOW + 60_000));
    await office.revokeToken(other?.id ?? "", at(NOW + 120_000));
    expect((await listTokens(office, undefined, false)).split("\n")).toEqual([
      "NAME   ACCOUNT  SCOPES          CREATED               LAST USED             REVOKED               ID",
      `ci     Acme     events,reports  2024-05-06T12:00:00Z  2024-05-06T12:01:00Z  –                     ${one?.id}`,
      `board  globex   events,reports  2024-05-06T12:00:00Z  never                 2024-05-06T12:02:00Z  ${other?.id}`,
    ]);
    const shown = JSON.parse(await listTokens(office, "Globex", true));
    const times = { createdAt: "2024-05-06T12:00:00Z", lastUsedAt: null, revokedAt: "2024-05-06T12:02:00Z" };
    expect(shown).toEqual({
      tokens: [{ id: other?.id, name: "board", owner: "globex", scopes: ["events", "reports"], ...times }],
    });
  });

  it("for an account that is not known tells which are", async () => {
    const office = await officeWith(acme);
    await expect(listTokens(office, "nobody", false)).rejects.toThrow("but on Acme");
  });
});

describe("leadtime token revoke", () => {
  const revoke = (office: TokenOffice, token: string) => revokeToken(office, { token, now: NOW }, false);

  it("makes a token, by its name or its id, good for nothing", async () => {
    const office = await officeWith(acme);
    await create(office, "ci");
    await create(office, "board");
    const [board, ci] = await office.tokens();
    expect(await revoke(office, "ci")).toBe(`Token ci of Acme (${ci?.id}) is revoked.`);
    expect(await revoke(office, board?.id ?? "")).toBe(`Token board of Acme (${board?.id}) is revoked.`);
    expect((await office.tokens()).map(({ revokedAt }) => revokedAt)).toEqual([NOW, NOW]);
  });

  it("of a name that several have asks which one, and revokes none", async () => {
    const office = await officeWith(acme, globex);
    await create(office, "ci");
    await create(office, "ci", "globex");
    const [one, other] = await office.tokens();
    const message = `several tokens are called ci: say which, by its id: ${one?.id} (Acme), ${other?.id} (globex)`;
    await expect(revoke(office, "ci")).rejects.toThrow(new Error(message));
    expect((await office.tokens()).map(({ revokedAt }) => revokedAt)).toEqual([null, null]);
  });

  it("takes a name that was used again for the one that is good", async () => {
    const office = await officeWith(acme);
    await create(office, "ci");
    await revoke(office, "ci");
    await create(office, "ci");
    expect(await revoke(office, "ci")).toContain("is revoked.");
    await expect(revoke(office, "ci")).rejects.toThrow("ci is revoked since 2024-05-06T12:00:00Z");
  });

  it("says when there is none", async () => {
    await expect(revoke(await officeWith(acme), "c\ni")).rejects.toThrow(
      new Error("no token has the name or id c i: leadtime token list shows them"),
    );
  });
});

describe("the command", () => {
  it("makes, lists and revokes, while the app uses the database", async () => {
    const { tokens } = await inUse(acme);
    const made = await run("create", "the CI", "--owner", "acme", "--scope", "events", "--scope", "reports", "--json");
    const { token, ...about } = JSON.parse(made.out);
    const id = TOKEN.exec(token)?.[1] ?? "";
    expect([made.code, about]).toEqual([
      0,
      { id, name: "the CI", owner: "Acme", scopes: ["events", "reports"], createdAt: expect.stringMatching(/Z$/) },
    ]);
    expect((await tokens.token(id))?.token).toMatchObject({ revokedAt: null });
    const listed = await run("list", "--owner", "acme", "--json");
    expect([listed.code, JSON.parse(listed.out).tokens]).toMatchObject([0, [{ id, name: "the CI" }]]);
    const revoked = await run("revoke", "the CI");
    expect([revoked.code, revoked.out]).toEqual([0, `Token the CI of Acme (${id}) is revoked.\n`]);
    expect((await tokens.token(id))?.token.revokedAt).toBeGreaterThan(0);
  });

  it.each([
    ["without a name", ["create", "--owner", "acme", "--scope", "events"], "missing required argument 'name'"],
    ["without an account", ["create", "ci", "--scope", "events"], "required option '--owner <login>'"],
    ["without a scope", ["create", "ci", "--owner", "acme"], "required option '--scope <scope>'"],
    ["with a scope that is none", ["create", "ci", "--owner", "acme", "--scope", "all"], "Expected events, reports, metrics."],
    [
      "with a name of control characters",
      ["create", "c\ni", "--owner", "acme", "--scope", "events"],
      "Expected 1 to 64 letters",
    ],
    ["without a token to revoke", ["revoke"], "missing required argument 'token'"],
  ])("ends with 2 %s", async (_what, parameters, message) => {
    const { code, err, out } = await run(...parameters);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("ends with 1 and one line for an account that is not known, or a database that is not there", async () => {
    const nowhere = await run("list");
    expect([nowhere.code, nowhere.lines.length]).toEqual([1, 1]);
    expect(await readdir(folder)).toEqual([]);
    await inUse(acme);
    const unknown = await run("create", "ci", "--owner", "nobody", "--scope", "events");
    expect(unknown).toMatchObject({ code: 1, out: "" });
    expect(unknown.lines).toEqual(["leadtime: the GitHub App is installed on no account called nobody, but on Acme"]);
  });
});
