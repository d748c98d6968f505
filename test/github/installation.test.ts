import { describe, expect, test } from "vitest";
import { instant } from "../../src/core/time.js";
import { githubSource } from "../../src/github/deliveries.js";

const read = (event: string, payload: object) => {
  const body = new TextEncoder().encode(JSON.stringify(payload));
  return githubSource().read({ source: "github", id: "1", event, receivedAt: instant(9_000), body });
};
const installation = {
  ...{ id: 5, account: { id: 42, login: "acme" } },
  ...{ updated_at: "2024-05-06T10:00:00Z", suspended_at: null },
};

describe("an installation that comes, or comes back,", () => {
  test.each([
    ["installation", { action: "created", repositories: [] }],
    ["installation", { action: "unsuspend" }],
    ["installation", { action: "new_permissions_accepted" }],
    ["installation_repositories", { action: "added", repositories_added: [] }],
  ])("is what %s %j notifies of", (event, payload) => {
    const reading = read(event, { ...payload, installation });
    const account = { type: "account.described", state: "installed", installation: "5" };
    expect(reading).toMatchObject({ notifies: "github:account:42:described", events: [account] });
  });
});
