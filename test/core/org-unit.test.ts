import { expect, test } from "vitest";
import { resolveConfiguration } from "../../src/core/configuration.js";
import { unitsOfProject, unitsOfRepository } from "../../src/core/org-unit.js";

const { orgUnits } = resolveConfiguration(
  {
    organisation: {
      orgUnits: {
        payments: { repositories: ["acme/pay-*", "acme/ledger"], projects: ["PAY"], profile: "change" },
        everything: { repositories: ["acme/*"], projects: ["pay", "WEB"] },
      },
    },
  },
  "acme/web",
);
const names = (units: typeof orgUnits) => units.map(({ name }) => name);

test.each([
  ["acme/pay-api", ["payments", "everything"]],
  ["ACME/Ledger", ["payments", "everything"]],
  ["acme/web", ["everything"]],
  ["other/pay-api", []],
])("the repository %s belongs to %j", (repository, expected) => {
  expect(names(unitsOfRepository(orgUnits, repository))).toEqual(expected);
});

test.each([
  ["PAY", ["payments", "everything"]],
  ["web", ["everything"]],
  ["PAYX", []],
])("the project %s belongs to %j", (project, expected) => {
  expect(names(unitsOfProject(orgUnits, project))).toEqual(expected);
});
