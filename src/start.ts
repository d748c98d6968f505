import { endInOrder } from "./ending.js";
import { createLog } from "./log.js";
import type { Settings } from "./settings.js";

/** The app as the whole of this process: its log goes to standard output, and however it ends, it ends in order. */
export async function start(settings: Settings): Promise<void> {
  const { log, flush } = await createLog(settings);
  const endWith = endInOrder(log, flush);
  if (settings.mode === "setup") {
    const { offerSetup } = await import("./setup.js");
    return endWith(await offerSetup());
  }
  const { startApp } = await import("./app.js");
  const app = await startApp(settings, { log }).finally(flush);
  endWith(app.close);
}
