import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { commandTable } from "../src/render/help.js";

it("docs/commands.md has the table of commands that help shows", () => {
  const page = readFileSync(new URL("../docs/commands.md", import.meta.url), "utf8");
  expect(page).toContain(commandTable());
});
