import { expect, it } from "vitest";
import { COMMANDS } from "../../src/core/command.js";
import { renderHelp, renderUnclear } from "../../src/render/help.js";
import { see } from "./gfm.js";

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
