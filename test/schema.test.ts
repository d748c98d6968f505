import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { REFERENCE_FILE, SCHEMA_FILE, schemaOfFile, schemaText, withReference } from "../scripts/schema.js";
import { checkConfiguration, resolveConfiguration } from "../src/core/configuration.js";
import { TRIGGER_NAMES } from "../src/core/profile.js";
import { readConfiguration } from "../src/github/configuration-file.js";

const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const BROKEN = "test/github/broken/";
const PROFILES = "docs/profiles/";
const files = (folder: string): string[] => readdirSync(new URL(`../${folder}`, import.meta.url));

const SAYS = "run `npm run schema`";
test(`the schema and the reference are fresh: else ${SAYS}`, () => {
  expect(text(SCHEMA_FILE) === schemaText(), `${SCHEMA_FILE} is old: ${SAYS}`).toBe(true);
  const page = text(REFERENCE_FILE);
  expect(page === withReference(page), `${REFERENCE_FILE} is old: ${SAYS}`).toBe(true);
});

test("the reference names every trigger, and every key says what it is", () => {
  const page = text(REFERENCE_FILE);
  for (const name of TRIGGER_NAMES) expect(page).toContain(`| \`${name}\``);
  const silent = undescribed(schemaOfFile(), "");
  expect(silent).toEqual([]);
});

/** The keys, at any depth, that editors could say nothing of. */
function undescribed(schema: object, path: string): string[] {
  return Object.entries(schema).flatMap(([key, value]) => {
    if (typeof value !== "object" || value === null) return [];
    if (key !== "properties") return undescribed(value, `${path}/${key}`);
    const own = Object.entries(value).filter(([, of]) => !("description" in Object(of)));
    return [...own.map(([name]) => `${path}/${name}`), ...Object.values(value).flatMap((of) => undescribed(Object(of), path))];
  });
}

describe("the defaults that the schema tells are those that hold", () => {
  const defaults = (schema: object): unknown => {
    if ("default" in schema) return schema.default;
    if (!("properties" in schema)) return undefined;
    const given = Object.entries(Object(schema.properties)).map(([key, of]) => [key, defaults(Object(of))]);
    const known = given.filter(([, value]) => value !== undefined);
    return known.length > 0 ? Object.fromEntries(known) : undefined;
  };

  test("of a file", () => {
    const { workingTime, publicTickets, ...written } = Object(defaults(schemaOfFile()));
    expect(Object.keys(written).sort()).toEqual(["bots", "comment", "dora", "ticketKeys"]);
    expect(checkConfiguration(written)).toEqual([]);
    expect(resolveConfiguration({ organisation: written }, "acme/web")).toEqual(resolveConfiguration({}, "acme/web"));
    expect(resolveConfiguration({ deployment: { publicTickets } }, "acme/web")).toEqual(resolveConfiguration({}, "acme/web"));
    const given = resolveConfiguration({ organisation: { workingTime } }, "acme/web");
    expect(given).toEqual(resolveConfiguration({ organisation: { workingTime: {} } }, "acme/web"));
  });

  test("of a profile", () => {
    const { dora, ...written } = Object(defaults(Object(schemaOfFile().properties?.profiles?.additionalProperties)));
    const resolved = (of: object) =>
      resolveConfiguration({ organisation: { profiles: { own: { extends: "change", ...of } } } }, "").profiles.get("own");
    expect(Object.keys(written).length).toBeGreaterThan(3);
    expect(resolved(written)).toEqual(resolved({}));
  });
});

describe("the schema for editors", () => {
  const validates = new Ajv({ strict: false, allErrors: true }).compile(schemaOfFile());

  test.each(files(PROFILES))("accepts %s", (file) => {
    expect(validates(parse(text(`${PROFILES}${file}`))), JSON.stringify(validates.errors)).toBe(true);
  });

  /** What only the whole file, its layer, the files below it or the world tell, and what is no YAML. */
  const BEYOND =
    /^(a(cceptable|lias|pi)|bounds-that|ci-|circle|dora-of|expression|extends-of-an-operator|glob-with|hours-turned|key-twice|no-stages|org-unit-of|org-units|public|stage-name|status-of|tab|time-zone|too-deep|two-documents|unclosed|unknown-(base|profile|stage))/;

  test.each(files(BROKEN).filter((file) => !BEYOND.test(file)))("refuses %s", (file) => {
    expect(validates(parse(text(`${BROKEN}${file}`)))).toBe(false);
  });
});

describe("what the pages show is good", () => {
  const check = (bytes: string) =>
    readConfiguration(new TextEncoder().encode(bytes), (content) =>
      checkConfiguration(content, { layer: "repository", below: [null, null] }),
    ).problems;

  test.each(files(PROFILES))("%s", (file) => {
    const content = text(`${PROFILES}${file}`);
    expect(check(content)).toEqual([]);
    const { profile, profiles } = resolveConfiguration({ repository: parse(content) }, "acme/web");
    expect(profiles.get(profile ?? "")?.stages.length).toBeGreaterThan(3);
  });

  test("and so are the examples of docs/configuration.md", () => {
    const blocks = [...text(REFERENCE_FILE).matchAll(/```yaml\n(.*?)```/gs)].map(([, block = ""]) => block);
    expect(blocks).toHaveLength(2);
    const [own = "", organisation = ""] = blocks;
    expect(check(own)).toEqual([]);
    expect(checkConfiguration(parse(organisation), { layer: "organisation", below: [null] })).toEqual([]);
    expect(parseAllDocuments(own)).toHaveLength(1);
  });
});
