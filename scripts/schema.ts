import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { writtenConfiguration } from "../src/core/configuration-schema.js";
import { referenceOf, type Schema } from "./reference.js";

/** `npm run schema`: makes leadtime.schema.json, and the reference in docs/configuration.md, from the schema that validates. */

export const SCHEMA_FILE = "leadtime.schema.json";
export const REFERENCE_FILE = "docs/configuration.md";
const BEGIN = "<!-- made by npm run schema -->\n";
const END = "<!-- end of what is made -->\n";

/** JSON Schema (draft 7, which editors know) of what people write. */
export function schemaOfFile(): Schema {
  return z.toJSONSchema(writtenConfiguration, {
    io: "input",
    target: "draft-7",
    // Zod leaves these two out where a text becomes something else, as a duration does; they are given as they are written.
    override: ({ zodSchema, jsonSchema }) => {
      const { default: preset, examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (preset !== undefined) jsonSchema.default = preset;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  }) as Schema; // draft 7, as far as the reference reads it
}

export const schemaText = (): string => `${JSON.stringify(schemaOfFile(), null, 2)}\n`;

/** The page with a fresh reference between its two marks. */
export function withReference(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new RangeError(`${REFERENCE_FILE}: expected the marks of the reference`);
  return `${before}${BEGIN}\n${referenceOf(schemaOfFile())}\n${END}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA_FILE, schemaText());
  writeFileSync(REFERENCE_FILE, withReference(readFileSync(REFERENCE_FILE, "utf8")));
}
