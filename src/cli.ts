#!/usr/bin/env node
import { setTimeout as wait } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { loadEnvironment, readSettings, SettingsError } from "./settings.js";
import { VERSION } from "./version.js";

const program = new Command("leadtime")
  .description("Measures the lead time of every change, from ticket created to released, and says so on the pull request.")
  .version(VERSION)
  .showHelpAfterError()
  // Before the commands are added: they inherit it.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command("start")
  .description("run the app from its settings (environment or .env)")
  .action(async () => {
    const settings = readSettings(loadEnvironment(process.cwd()));
    if (settings.mode === "setup") {
      const { offerSetup } = await import("./setup.js");
      return endOn(await offerSetup());
    }
    const { startApp } = await import("./app.js");
    const app = await startApp(settings);
    endOn(app.close);
  });

program
  .command("demo")
  .description("the main job end to end on this machine, with nothing configured")
  .option("--once", "end after printing the comment", false)
  .option("--port <number>", "where the app listens (0: any free port)", wholeNumber, 0)
  .action(async ({ once, port }: { once: boolean; port: number }) => {
    const { runDemo } = await import("./demo.js");
    const { promise, end } = ending();
    process.once("SIGINT", end).once("SIGTERM", end);
    await runDemo({
      once,
      port,
      say: (text) => console.log(text),
      stopped: promise,
      now: Date.now,
      wait: async (ms) => wait(ms),
    });
  });

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError("Expected 0 to 65535.");
  return number;
}

function ending(): { promise: Promise<void>; end: () => void } {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

/** Drains on the first signal; a second one ends at once, as signals do. */
function endOn(close: () => Promise<void>): void {
  const end = () => {
    close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once("SIGTERM", end).once("SIGINT", end);
}

/** One line for each problem on standard error, and exit code 1. A setting's begins with its name. */
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const lines = error instanceof SettingsError ? error.problems : [`leadtime: ${message.replace(/\s*\n\s*/g, " ")}`];
  for (const line of lines) console.error(line);
  process.exit(1);
}

await program.parseAsync().catch(fail);
