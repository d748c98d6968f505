import { existsSync } from "node:fs";
import { join } from "node:path";
import { kindNamed } from "./recording/database.js";
import { replayTwice } from "./recording/replay.js";
import { report } from "./recording/report.js";
import { RECORDED, readRecording } from "./recording/rows.js";

/** Measures recorded answers of GitHub and Jira: `npx tsx bench/recorded.ts [FOLDER]`. */
const folder = process.argv[2] ?? RECORDED;

if (existsSync(join(folder, "github"))) {
  const recording = readRecording(folder);
  console.log(report(recording, await replayTwice(recording, kindNamed(process.env.DATABASE_URL))));
} else console.log(`No recording in ${folder}: nothing to measure. Name a folder that holds one.`);
