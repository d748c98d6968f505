import { setTimeout as wait } from "node:timers/promises";
import { endInOrder } from "../../src/ending.js";
import { createLog } from "../../src/log.js";
import { readSettings } from "../../src/settings.js";
import { start } from "../../src/start.js";

// A process of the app, or of something that closes slowly or never, in which a fault happens whenever it is sent SIGUSR2.

const [, , kind, closing] = process.argv;
const fault = () => Object.assign(new Error("a fault of ours"), { payload: "canary", headers: { authorization: "canary" } });
process.on("SIGUSR2", () => {
  if (kind === "exception") throw fault();
  void Promise.reject(fault());
});

const settings = readSettings(process.env);
if (closing === "app") await start(settings);
else {
  const { log, flush } = await createLog(settings);
  const close = async () => {
    do await wait(3000);
    while (closing === "never");
    log.info("closed");
  };
  endInOrder(log, flush)(close);
  log.info("leadtime is listening");
  process.stdin.resume();
}
