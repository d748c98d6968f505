import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COMMANDS } from "../../src/core/command.js";
import { commandTable, renderHelp, renderUnclear } from "../../src/render/help.js";
import { see } from "./gfm.js";

it("lists every command, as docs/commands.md does", () => {
  const page = readFileSync(new URL("../../docs/commands.md", import.meta.url), "utf8");
  expect(page).toContain(commandTable());
  expect(renderHelp()).toContain(commandTable());
});

it("is a table with a row a command, its usage as it is typed", () => {
  const [table = []] = see(renderHelp()).tables;
  expect(table.slice(1).map(([usage]) => usage)).toEqual(COMMANDS.map(({ usage }) => usage));
});

it("says again what was not understood as text alone, and not at all where it may name a ticket", () => {
  const said = "/leadtime <b>@everyone</b> `x` [y](https://evil.example) PROP-1";
  const seen = see(renderUnclear({ name: "unclear", said, usage: null }, false));
  expect(seen).toMatchObject({ html: [], links: [] });
  expect(seen.text).not.toContain("@everyone");
  expect(renderUnclear({ name: "unclear", said, usage: null }, true)).not.toContain("PROP-1");
});
