import { expect, it, onTestFinished } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import { loop } from "../../src/flow/loop.js";
import { recordingLog } from "../web/web.js";

it("tells once that something outside does not answer, and each time what is a fault of ours", async () => {
  const failures: (Error | null)[] = [
    new Unavailable("busy"),
    new Unavailable("busy"),
    new Unavailable("gone"),
    null,
    new Unavailable("gone"),
    new TypeError("ours"),
    new TypeError("ours"),
  ];
  const log = recordingLog();
  const looking = loop({
    name: "test",
    every: 1e9,
    log,
    look: async () => {
      const failure = failures.shift();
      if (failure) throw failure;
      return false;
    },
  });
  onTestFinished(() => looking.stop());
  while (failures.length > 0) await looking.look();
  expect(log.lines.map(({ level }) => level)).toEqual(["warn", "debug", "warn", "warn", "error", "error"]);
});
