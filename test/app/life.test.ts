import { expect, it } from "vitest";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { stage } from "../support/app.js";

it("comments the breakdown of a ticket's whole life on its pull request", async () => {
  const { world, app, comments } = await stage();
  await playTicketLife(world, GOLDEN_TIMES);
  await app.idle();
  const [comment, ...others] = comments();
  expect(others).toEqual([]);
  expect(comment).toContain("### Lead time 1h 10m · 🟢 good");
});
