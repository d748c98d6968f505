import { describe, expect, it } from "vitest";
import { namedIn } from "../../src/analysis/merged.js";

const named = (number: number, title: string, branch = "") => ({ number, title, branch });

describe("what a message says of a pull request", () => {
  it.each([
    [
      "GitHub's merge",
      "Merge pull request #12 from acme/feature/PROP-1-login\n\nLog in",
      named(12, "Log in", "feature/PROP-1-login"),
    ],
    [
      "GitHub's merge without a title",
      "Merge pull request #12 from acme/fix",
      named(12, "Merge pull request #12 from acme/fix", "fix"),
    ],
    ["a merge with lines of Windows", "Merge pull request #12 from acme/fix\r\n\r\nLog in\r\n", named(12, "Log in", "fix")],
    ["GitHub's squash", "Log in (#12)\n\n* one\n* two", named(12, "Log in")],
    ["a squash of a revert", 'Revert "Log in (#12)" (#15)', named(15, 'Revert "Log in (#12)"')],
    ["Bitbucket's merge", "Merged in feature/login (pull request #12)\n\nLog in", named(12, "Log in", "feature/login")],
    ["Bitbucket's squash", "Log in (pull request #12)", named(12, "Log in")],
    [
      "Bitbucket Server's merge",
      "Merge pull request #12 in PROJ/web from feature/login to main\n\n* commit",
      named(12, "* commit", "feature/login"),
    ],
    ["Azure's merge", "Merged PR 12: Log in", named(12, "Log in")],
    [
      "GitLab's merge",
      "Merge branch 'feature/login' into 'main'\n\nLog in\n\nSee merge request acme/web!12",
      named(12, "Log in", "feature/login"),
    ],
    ["GitLab's squash", "Log in\n\nSee merge request acme/web!12", named(12, "Log in")],
  ])("reads %s", (_what, message, expected) => {
    expect(namedIn(message)).toEqual(expected);
  });

  it.each([
    ["a merge by hand", "Merge branch 'main' of github.com:acme/web"],
    ["a number in the middle", "Log in (#12) again"],
    ["a revert that was pushed straight", 'Revert "Log in (#12)"'],
    ["a number alone", "(#12)"],
    ["a number that is none", "Log in (#12345678901)"],
    ["a number below the subject", "Log in\n\nsee (#12)"],
    ["a number that is part of a word", "Log in(#12)"],
    ["nothing", ""],
  ])("reads none from %s", (_what, message) => {
    expect(namedIn(message)).toBeUndefined();
  });
});
