import { parseArgs } from "node:util";
import { type Bug, type Conditions, conduct, type Experiment, type Figure } from "./experiment.js";
import { EXPERIMENTS } from "./experiments.js";
import { build, plant, runIn } from "./plant.js";

/*
 * The campaign: `npm run chaos [-- R1 S4] [--small] [--no-controls] [--seed N]`. Each experiment brings on a fault or an attack and
 * prints what it measured beside its goal; then each of its controls, a bug planted in a copy of the code, must turn it red.
 * Exit code 0: everything holds; 1: something does not; 2: the campaign itself failed.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: "boolean", default: false },
    "no-controls": { type: "boolean", default: false },
    /** Set in a copy, which is built already. */
    built: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const MISSED = 1;
const FAILED = 2;

function chosen(): readonly Experiment[] {
  const unknown = positionals.filter((id) => !EXPERIMENTS.some((experiment) => experiment.id === id));
  if (unknown.length > 0)
    throw new Error(`expected ${EXPERIMENTS.map(({ id }) => id).join(", ")}; received ${unknown.join(", ")}`);
  return positionals.length === 0 ? EXPERIMENTS : EXPERIMENTS.filter(({ id }) => positionals.includes(id));
}

const line = ({ what, measured, goal, holds }: Figure): string =>
  `    ${holds ? "holds " : "MISSED"}  ${what}: ${measured} (goal ${goal})`;

async function tryOut(experiment: Experiment, conditions: Conditions): Promise<boolean> {
  const began = Date.now();
  say(`${experiment.id}  ${experiment.title}`);
  const figures = await conduct(experiment, conditions);
  for (const one of figures) say(line(one));
  say(`    in ${Math.round((Date.now() - began) / 1000)} s`);
  return figures.every(({ holds }) => holds);
}

/** Whether the experiment, in small, notices the bug. */
async function control({ id }: Experiment, bug: Bug): Promise<boolean> {
  const copy = await plant(bug);
  try {
    const parameters = ["--import", "tsx", "chaos/index.ts", id, "--small", "--no-controls", "--built", "--seed", values.seed];
    const { code, out } = await runIn(copy.root, parameters);
    const missed =
      out
        .split("\n")
        .find((text) => text.includes("MISSED"))
        ?.trim() ?? "";
    if (code === FAILED) say(`    the experiment failed: ${out.slice(-1500)}`);
    say(`    ${code === MISSED ? "noticed" : "NOT NOTICED"}  control: ${bug.says}${missed ? ` → ${missed}` : ""}`);
    return code === MISSED;
  } finally {
    await copy.remove();
  }
}

async function campaign(): Promise<number> {
  if (!values.built) await build();
  const conditions: Conditions = { size: values.small ? "small" : "full", seed: Number(values.seed), built: true };
  const red: string[] = [];
  const failed: string[] = [];
  for (const experiment of chosen()) {
    try {
      if (!(await isRight(experiment, conditions))) red.push(experiment.id);
    } catch (error) {
      say(`    FAILED: ${error instanceof Error ? error.stack : String(error)}`);
      failed.push(experiment.id);
    }
  }
  if (red.length + failed.length === 0) say("\neverything holds");
  if (red.length > 0) say(`\nnot as it should be: ${red.join(", ")}`);
  if (failed.length > 0) say(`\nexperiments that failed themselves: ${failed.join(", ")}`);
  if (failed.length > 0) return FAILED;
  return red.length > 0 ? MISSED : 0;
}

/** Whether all figures hold, and each control is noticed. */
async function isRight(experiment: Experiment, conditions: Conditions): Promise<boolean> {
  const holds = await tryOut(experiment, conditions);
  const noticed: boolean[] = [];
  if (!values["no-controls"]) for (const bug of experiment.controls) noticed.push(await control(experiment, bug));
  return holds && !noticed.includes(false);
}

try {
  process.exitCode = await campaign();
} catch (error) {
  say(`the campaign failed: ${error instanceof Error ? error.stack : String(error)}`);
  process.exitCode = FAILED;
}
