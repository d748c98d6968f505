import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/closed-network.ts"],
    environment: "node",
    // Native add-ons (better-sqlite3) are made for processes, not for threads.
    pool: "forks",
    // Much of the time is waiting: for retries, child processes, answers held back.
    maxWorkers: 3,
    testTimeout: 15_000,
    hookTimeout: 15_000,
    restoreMocks: true,
    unstubEnvs: true,
    watch: false,
  },
});
