import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Plant, ROOT, surprises } from "./support/planted.js";

const from = (...sources: string[]): string[] => sources.map((source) => `export * from "${source}";`);
const imports = (path: string, ...sources: string[]): Plant => ({
  rule: "lint/style/noRestrictedImports",
  path,
  code: from(...sources),
});
const breaks = (rule: string, path: string, ...code: string[]): Plant => ({ rule, path, code });
const allows = (path: string, ...code: string[]): Plant => ({ rule: null, path, code });

const ADAPTERS = ["github", "jira", "git", "store", "web"];
const OWN_SDK: Readonly<Record<string, readonly string[]>> = {
  github: ["probot", "@octokit/rest", "yaml"],
  jira: ["jira.js", "jira.js/version3"],
  store: ["better-sqlite3", "pg"],
  web: ["hono", "hono/html", "@hono/zod-openapi"],
};
const others = (name: string): string[] => ADAPTERS.filter((other) => other !== name);

const statements = (count: number): string => "  f();\n".repeat(count);
const nestedConditions = `export function f(a: boolean) {\n${"  if (a) {\n".repeat(6)}${"  }\n".repeat(6)}}`;

const PLANTS: readonly Plant[] = [
  imports(
    "src/core/a.ts",
    "node:fs",
    "fs",
    "pino",
    "zod/v4",
    "./sub/b.js",
    "../reports/b.js",
    "../ports.js",
    "./../github/b.js",
  ),
  imports("src/reports/a.ts", "node:fs", "pino", "../render/b.js", "../ports.js", "../store/b.js", "./sub/b.js"),
  imports("src/render/a.ts", "node:fs", "pino", "./sub/b.js", "../ports.js", "../store/b.js", "../core/../store/b.js"),
  imports("src/analysis/a.ts", "node:fs", "pino", "./sub/b.js", "../ports.js", "../git/b.js", "../cli-table.js"),
  imports("src/ports.ts", "node:fs", "pino", "./render/b.js", "./store/b.js", "./app.js", "../test/b.js"),
  imports("src/outside.ts", "node:fs", "./render/b.js", "./store/b.js", "./ports.js"),
  imports("src/flow/a.ts", "node:fs", "pino", "./sub/b.js", "../app.js", "../settings.js", "../simulator/b.js"),
  imports("src/flow/b.ts", ...ADAPTERS.map((adapter) => `../${adapter}/b.js`)),
  ...ADAPTERS.map((name) => imports(`src/${name}/a.ts`, "../flow/worker.js")),
  imports("src/simulator/a.ts", "../app.js", "../core/b.js", "../github/b.js", "../settings.js"),
  ...ADAPTERS.map((name) => imports(`src/${name}/b.ts`, "../app.js", "../settings.js", "../simulator/b.js", "./sub/b.js")),
  ...ADAPTERS.map((name) => imports(`src/${name}/c.ts`, ...others(name).map((other) => `../${other}/b.js`))),
  ...ADAPTERS.map((name) => imports(`src/${name}/d.ts`, ...others(name).flatMap((other) => OWN_SDK[other] ?? []))),
  ...["app", "index", "settings"].map((name) => imports(`src/${name}.ts`, "./simulator/b.js", "./demo.js")),
  imports("src/cli.ts", "./simulator/b.js"),
  breaks("lint/suspicious/noConsole", "src/demo.ts", "console.log();"),
  breaks("lint/style/noRestrictedImports", "src/core/b.ts", 'import "../web/b.js";', 'await import("../web/b.js");'),
  breaks("lint/style/noRestrictedImports", "src/core/c.ts", 'import type { B } from "../web/b.js";'),
  breaks("lint/style/noCommonJs", "src/core/d.ts", 'export const b = require("../web/b.js");'),
  breaks("lint/correctness/noUndeclaredDependencies", "src/app.ts", 'import "ajv";', 'import "left-pad";'),
  breaks("lint/suspicious/noImportCycles", "src/core/cycle.ts", 'import "./cycle-back.js";'),
  breaks("lint/suspicious/noImportCycles", "src/core/cycle-back.ts", 'import "./cycle.js";'),
  breaks("lint/style/noProcessEnv", "src/cli.ts", "process.env.A;"),
  breaks("lint/style/noProcessEnv", "src/app.ts", "process.env.A;"),
  breaks("lint/suspicious/noConsole", "src/app.ts", "console.log();"),
  breaks("lint/suspicious/noConsole", "src/settings.ts", "console.error();"),
  breaks("plugin", "src/web/e.ts", "Date.now();", "new Date();", "Math.random();", "performance.now();", "randomUUID();"),
  breaks("plugin", "src/flow/c.ts", "const clock = { now: Date.now };", "crypto.randomUUID();"),
  breaks("plugin", "test/a.test.ts", 'vi.mock("b");', 'vi.doMock("b");'),
  breaks("lint/suspicious/noExplicitAny", "src/app.ts", "export const anything: any = 1;"),
  breaks("lint/style/noNonNullAssertion", "src/app.ts", "export const first = [1].at(0)!;"),
  breaks(
    "lint/style/useImportType",
    "src/app.ts",
    'import { Ref } from "./core/ref.js";\nexport const ref = (it: Ref): Ref => it;',
  ),
  breaks("lint/style/useExportType", "src/app.ts", 'import type { Owner } from "./core/ref.js";\nexport { Owner };'),
  breaks("lint/style/useNodejsImportProtocol", "src/app.ts", 'import "fs";'),
  breaks("lint/style/noDefaultExport", "src/app.ts", "export default 1;"),
  breaks("lint/style/noEnum", "src/app.ts", "export enum Colour { Red }"),
  breaks("lint/style/noNamespace", "src/app.ts", "export namespace Drawer {}"),
  breaks("lint/complexity/useMaxParams", "src/app.ts", "export const five = (a, b, c, d, e) => [a, b, c, d, e];"),
  breaks("lint/complexity/noExcessiveLinesPerFunction", "src/app.ts", `export function f() {\n${statements(61)}}`),
  breaks("lint/complexity/noExcessiveCognitiveComplexity", "src/app.ts", nestedConditions),
  breaks("lint/style/noExcessiveLinesPerFile", "src/long.ts", "export const a = 1;\n".repeat(301)),
  breaks("lint/suspicious/noSkippedTests", "test/b.test.ts", 'test.skip("b", () => {});'),
  breaks("lint/suspicious/noFocusedTests", "test/c.test.ts", 'test.only("c", () => {});'),
  allows("src/core/z.ts", ...from("zod", "./time.js")),
  allows("src/reports/z.ts", ...from("./index.js", "../core/time.js")),
  allows("src/render/z.ts", ...from("./text.js", "../core/time.js", "../reports/index.js")),
  allows("src/analysis/z.ts", ...from("./text.js", "../core/time.js", "../reports/index.js", "../render/text.js")),
  allows("src/ports.ts", ...from("./core/time.js", "./reports/index.js")),
  allows("src/flow/z.ts", ...from("./y.js", "../core/time.js", "../reports/index.js", "../render/text.js", "../ports.js")),
  ...ADAPTERS.map((name) =>
    allows(`src/${name}/z.ts`, ...from("./y.js", "../core/time.js", "../reports/index.js", "../render/text.js", "../ports.js")),
  ),
  ...ADAPTERS.map((name) =>
    allows(`src/${name}/y.ts`, ...from("zod", "node:zlib", "node:fs/promises", ...(OWN_SDK[name] ?? []))),
  ),
  allows("src/simulator/z.ts", ...from("ajv", "./b.js"), "Math.random();", "Date.now();"),
  allows("src/demo.ts", ...from("./store/open.js", "./simulator/b.js")),
  allows("src/cli.ts", ...from("./app.js", "./demo.js", "commander"), "console.log(Date.now(), new Date(0));"),
  allows("test/z.test.ts", ...from("vitest"), "process.env.A;"),
  allows("bench/z.ts", "process.env.A;", "console.log();"),
  allows("src/settings.ts", "process.env.A;"),
  allows("src/index.ts", ...from("probot", "./app.js"), "export default 1;"),
  allows("src/core/y.ts", "export const later = (now: number) => new Date(now + 1);"),
];

/** The sources of which something holds, by name. */
async function sourcesThat(holds: (text: string, name: string) => boolean): Promise<string[]> {
  const names = (await readdir(join(ROOT, "src"), { recursive: true })).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(names.map((name) => readFile(join(ROOT, "src", name), "utf8")));
  return names.filter((name, index) => holds(texts[index] ?? "", name));
}

describe("lint", () => {
  let surprising: ReadonlyMap<Plant, readonly string[]>;
  beforeAll(async () => {
    surprising = await surprises(PLANTS);
  });

  const named = PLANTS.map((plant) => ({ ...plant, plant }));
  test.each(named.filter(({ rule }) => rule !== null))("reports $rule in $path", ({ plant }) => {
    expect(surprising.get(plant)).toEqual([]);
  });

  test.each(named.filter(({ rule }) => rule === null))("allows what $path may do", ({ plant }) => {
    expect(surprising.get(plant)).toEqual([]);
  });
});

describe("of the sources", () => {
  test("none is above 300 lines", async () => {
    expect(await sourcesThat((text) => text.trimEnd().split("\n").length > 300)).toEqual([]);
  });

  test("only the demo and the simulator itself name the simulator", async () => {
    const names = await sourcesThat((text) => /["'`][^"'`\n]*\bsimulator\/[^"'`\n]*["'`]/.test(text));
    expect(names.filter((name) => name !== "demo.ts" && !name.startsWith("simulator/"))).toEqual([]);
  });

  test("none silences a rule that is proved here", async () => {
    const proved = PLANTS.map(({ rule }) => (rule === "plugin" ? "lint/plugin" : `${rule}`));
    const covers = (silenced: string): boolean => proved.some((rule) => `${rule}/`.startsWith(`${silenced}/`));
    const names = await sourcesThat((text) =>
      [...text.matchAll(/biome-ignore\S* ([\w/]+)/g)].some(([, rule = ""]) => covers(rule)),
    );
    expect(names).toEqual([]);
  });

  test("none leaves something to do", async () => {
    expect(await sourcesThat((text) => /(\/\/|\*).*\b(TODO|FIXME|XXX)\b/.test(text))).toEqual([]);
  });
});
