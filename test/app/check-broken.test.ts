import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { playTicketLife } from "../../src/simulator/stories.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { BROKEN } from "../github/broken-files.js";
import { stage } from "../support/app.js";

vi.setConfig({ testTimeout: 120_000 });

const PATH = ".github/leadtime.yml";
const at = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
const text = (file: string): string => readFileSync(new URL(`../github/broken/${file}.yml`, import.meta.url), "utf8");
/** As in `broken-files.ts`: its test reads the files as if this stood below them. */
const ORGANISATION = `profiles: { delivery: { extends: change, insert: [{ name: Tests, on: ci.completed, after: Merge }] } }\n`;
const GOOD = "profile: ticket-to-merge\n";

it("marks the one mistake of each of the broken files where it stands, keeps the last good one in force, and goes on", async () => {
  const on = await stage();
  const { github } = on.world;
  await github.install({ account: "acme", at: at("08:00") });
  await github.createRepository({ repository: "acme/.github", files: { [PATH]: ORGANISATION }, at: at("08:01") });
  await github.createRepository({ repository: "acme/web", files: { [PATH]: GOOD }, at: at("08:01") });
  await github.push({
    repository: "acme/web",
    branch: "main",
    commits: [{ message: "x", files: { [PATH]: `${GOOD}#\n` } }],
    at: at("08:02"),
  });
  await on.app.idle();
  const files = BROKEN.filter(([, , , , layer]) => layer !== "deployment");
  expect(files).toHaveLength(72);
  for (const [file, , , , layer] of files) {
    const repository = layer === "organisation" ? "acme/.github" : "acme/web";
    await github.putFile({ repository, branch: file, path: PATH, content: text(file), at: at("09:00") });
    await github.openPullRequest({ repository, branch: file, title: file, at: at("09:01") });
    if (layer === undefined)
      await github.putFile({ repository, branch: "main", path: PATH, content: text(file), at: at("09:02") });
  }
  await on.app.idle();
  for (const [file, place, marked, message, layer] of files) {
    const repository = layer === "organisation" ? "acme/.github" : "acme/web";
    const runs = github.checkRunsOf({ repository, ref: file });
    expect(runs, file).toMatchObject([{ name: "leadtime", status: "completed", conclusion: "failure", title: "1 mistake" }]);
    const [line = 0, column = 0] = place.split(":").map(Number);
    expect(runs[0]?.annotations, file).toMatchObject([
      {
        ...{ path: PATH, annotation_level: "failure", start_line: line, end_line: line, start_column: column },
        end_column: column + Math.max(0, marked.length - 1),
      },
    ]);
    const [annotation] = runs[0]?.annotations ?? [];
    expect(`${annotation?.title === PATH ? "" : annotation?.title}: ${annotation?.message}`, file).toBe(message);
  }
  await on.restart();
  await playTicketLife(on.world, {
    ...{ created: at("09:50"), inProgress: at("10:00"), commit: at("10:05"), opened: at("10:10"), approved: at("10:11") },
    ...{ merged: at("10:15"), ci: at("10:16"), deployed: at("10:17"), done: at("10:20"), released: at("11:00") },
  });
  await on.app.idle();
  const item = (await on.get("/api/v1/work-items/PROP-1460")) as WorkItem; // as its schema says
  expect(item.leadTimes.map(({ profile }) => profile)).toEqual(["ticket-to-merge"]);
});
