import { describe, expect, test } from "vitest";
import type { EventOf } from "../../src/core/event.js";
import { accountRef, type Ref, repositoryRef } from "../../src/core/ref.js";
import { at, repository } from "../support/builders.js";
import { account, ask, startWeb } from "./web.js";

const ACME = account(42, "acme");
const GLOBEX = account(7, "Globex");

const file = (layer: "organisation" | "repository", ref: Ref, content: unknown): EventOf<"configuration.read"> => ({
  ...{ type: "configuration.read", id: `${ref}:configuration`, ref, at: at("10:00"), precision: "exact", reader: 1 },
  ...{ layer, content, sha: null },
});
const named = (number: number, name: string, of: Partial<EventOf<"repository.described">> = {}) =>
  repository({ id: `${repositoryRef(number)}:described`, ref: repositoryRef(number), name, ...of });

const DELIVERY = {
  description: "From ticket to production",
  start: { on: "ticket.created" },
  calculation: "entry-to-entry",
  stages: [
    { name: "Doing", on: "ticket.status", status: ["In Progress"], pick: "last", ideal: "8h", acceptable: "1d 12h" },
    { name: "Merge", on: "pull-request.merged", branches: ["main"] },
  ],
};
const OPERATORS = {
  profiles: { everyones: { extends: "change", start: "first-stage", dora: { production: ["live", "eu-*"] } } },
  orgUnits: {
    shop: { repositories: ["acme/shop-*", "globex/shop"], projects: ["SHOP"], profile: "everyones" },
    all: { repositories: ["*/web"] },
    board: { projects: ["KAN"] },
  },
};

/** Two accounts with files, and one that is the operator's. */
async function web(owners: readonly string[] | null = ["acme"]) {
  const all = await startWeb({ rules: { configuration: OPERATORS, jira: { configured: true, owners } } });
  const { store } = all;
  store.known.push(ACME, GLOBEX);
  store.learn(
    ACME.owner,
    file("organisation", accountRef(ACME.owner), {
      profiles: { delivery: DELIVERY },
      orgUnits: { pay: { repositories: ["acme/pay-*", "globex/pay"], projects: ["PAY"] } },
    }),
    ...[named(1, "acme/web"), file("repository", repositoryRef(1), { profiles: { own: { extends: "delivery" } } })],
    ...[named(2, "acme/gone", { deleted: true }), file("repository", repositoryRef(2), { profiles: { gone: DELIVERY } })],
    ...[named(3, "acme/plain"), file("repository", repositoryRef(3), { profile: "delivery" })],
    named(4, "acme/api"),
  );
  store.learn(
    GLOBEX.owner,
    file("organisation", accountRef(GLOBEX.owner), { dora: { production: ["blue"] }, profiles: { secret: DELIVERY } }),
  );
  const get = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status, text } = await ask(all.port, { path: `/api/v1/${path}`, headers });
    return { status, body: JSON.parse(text) };
  };
  return { ...all, get };
}

const BUILT_IN = ["pull-request", "change", "ticket-to-merge", "ticket-to-release", "api-event"];
const namesIn = (profiles: readonly { name: string }[]): string[] => profiles.map(({ name }) => name);

describe("the profiles", () => {
  test("are those that are built in, the operator's, the account's, and those of its repositories", async () => {
    const { get } = await web();
    const { status, body } = await get("profiles?owner=ACME");
    expect(status).toBe(200);
    expect(namesIn(body.profiles)).toEqual([...BUILT_IN, "everyones", "delivery", "acme/web:own"]);
    expect(body.profiles.map(({ builtIn }: { builtIn: boolean }) => builtIn)).toEqual([
      ...BUILT_IN.map(() => true),
      ...[false, false, false],
    ]);
  });

  test("say what a file says, stage by stage, with limits in seconds", async () => {
    const { get } = await web();
    const { body } = await get("profiles?owner=acme");
    const told = {
      ...{ owner: "acme", name: "delivery", repository: null, builtIn: false, description: "From ticket to production" },
      start: { on: "ticket.created", pick: "first" },
      ...{ calculation: "entry-to-entry", overall: "sum-of-stages", statistic: "median", absentStages: "leave-out" },
      stages: [
        {
          ...{ name: "Doing", on: "ticket.status", status: ["In Progress"], pick: "last" },
          ...{ idealSeconds: 28_800, acceptableSeconds: 129_600 },
        },
        {
          ...{ name: "Merge", on: "pull-request.merged", branches: ["main"], pick: "last" },
          ...{ idealSeconds: null, acceptableSeconds: null },
        },
      ],
    };
    expect(body.profiles.slice(-2)).toEqual([told, { ...told, name: "acme/web:own", repository: "acme/web" }]);
  });

  test("name production as it is configured for them", async () => {
    const { get } = await web();
    const environmentsOf = async (owner: string, name: string) => {
      const { body } = await get(`profiles?owner=${owner}`);
      const { start, stages } = body.profiles.find((profile: { name: string }) => profile.name === name);
      return [start.on, stages.at(-1).environments];
    };
    expect(await environmentsOf("acme", "change")).toEqual(["commit.created", "production"]);
    expect(await environmentsOf("globex", "change")).toEqual(["commit.created", ["blue"]]);
    expect(await environmentsOf("globex", "everyones")).toEqual(["first-stage", ["live", "eu-*"]]);
  });

  test("before any account is known are those that hold then", async () => {
    const { port } = await startWeb();
    const { text } = await ask(port, { path: "/api/v1/profiles" });
    expect(namesIn(JSON.parse(text).profiles)).toEqual(BUILT_IN);
    expect(JSON.parse(text).profiles[0].owner).toBeNull();
  });
});

describe("the org units", () => {
  test("are the account's as they stand, and of the operator's what is the account's", async () => {
    const { get } = await web();
    const shop = { name: "shop", profile: "everyones" };
    const all = { name: "all", repositories: ["*/web"], projects: [], profile: null };
    expect(await get("org-units?owner=acme")).toEqual({
      status: 200,
      body: {
        orgUnits: [
          { owner: "acme", ...shop, repositories: ["acme/shop-*"], projects: ["SHOP"] },
          { owner: "acme", ...all },
          { owner: "acme", name: "board", repositories: [], projects: ["KAN"], profile: null },
          { owner: "acme", name: "pay", repositories: ["acme/pay-*", "globex/pay"], projects: ["PAY"], profile: null },
        ],
      },
    });
    expect((await get("org-units?owner=globex")).body.orgUnits).toEqual([
      { owner: "Globex", ...shop, repositories: ["globex/shop"], projects: [] },
      { owner: "Globex", ...all },
    ]);
  });
});

describe.each(["profiles", "org-units"])("%s", (path) => {
  test("are given to whoever may read, and to each of what is theirs", async () => {
    const { get, store } = await web();
    const ownersIn = (body: Record<string, { owner: string }[]>) =>
      new Set(Object.values(body).flatMap((all) => all.map(({ owner }) => owner)));
    expect(ownersIn((await get(path)).body)).toEqual(new Set(["acme", "Globex"]));
    const token = store.tokens.make({ owner: ACME.owner });
    const own = await get(path, token);
    expect(ownersIn(own.body)).toEqual(new Set(["acme"]));
    expect(JSON.stringify(own.body)).not.toMatch(/secret|blue|globex\/shop/);
    expect((await get(`${path}?owner=globex`, token)).status).toBe(404);
    expect((await get(path)).status).toBe(401);
    expect((await get(path, store.tokens.make({ owner: ACME.owner, scopes: ["events"] }))).status).toBe(403);
  });

  test("of an account that is not there, or cannot be, are refused in words", async () => {
    const { get } = await web();
    expect(await get(`${path}?owner=nobody`)).toMatchObject({ status: 404, body: { error: { code: "unknown-owner" } } });
    expect(await get(`${path}?owner=a/b`)).toMatchObject({ status: 400, body: { error: { fields: [{ field: "owner" }] } } });
  });

  test("are closed where the app is published", async () => {
    const { port } = await startWeb({ published: true });
    expect((await ask(port, { path: `/api/v1/${path}` })).status).toBe(401);
  });
});
