import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findKeys } from "../../src/core/ticket-key.js";

const keysIn = (text: string, projects: readonly string[] | null = null): string[] =>
  findKeys(text, projects && new Set(projects)).flatMap(({ key, refusal }) => (refusal === null ? [key] : []));

describe("while no projects are known, a text names", () => {
  test.each<[string, string[]]>([
    // The shape of a key.
    ["PROP-1460", ["PROP-1460"]],
    ["prop-1460", ["PROP-1460"]],
    ["PrOp-1", ["PROP-1"]],
    ["AB-1", ["AB-1"]],
    ["A2B-7", ["A2B-7"]],
    ["ABCDEFGHIJ-1", ["ABCDEFGHIJ-1"]],
    ["ABCDEFGHIJK-1", []],
    ["A-1", []],
    ["1AB-2", []],
    ["ABC-999999999", ["ABC-999999999"]],
    ["ABC-1234567890", []],
    ["ABC-0", []],
    ["ABC-0123", []],
    ["populated-0", []],
    ["ABC_123", []],
    ["ABC 123", []],
    ["ABC--1", []],
    ["ABC-", []],
    ["-1", []],
    ["ABC-x1", []],
    ["", []],
    // Boundaries.
    ["feature/PROP-1460-login", ["PROP-1460"]],
    ["feature/PROP-1460_login", ["PROP-1460"]],
    ["fix_PROP-1460", ["PROP-1460"]],
    ["john_ABC-12_x", ["ABC-12"]],
    ["_ABC-12", ["ABC-12"]],
    ["__ABC-12__", ["ABC-12"]],
    ["ABC-1_XYZ-2", ["ABC-1", "XYZ-2"]],
    ["ABC-1-XYZ-2", ["ABC-1", "XYZ-2"]],
    ["ABC-1/XYZ-2.XYZ-3", ["ABC-1", "XYZ-2", "XYZ-3"]],
    ["abc-12_3", ["ABC-12"]],
    ["v1.ABC-12.3", ["ABC-12"]],
    ["ABC-123-2fa", ["ABC-123"]],
    ["[ABC-12] (XYZ-3): words", ["ABC-12", "XYZ-3"]],
    ["ABC-12,ABC-13;ABC-14", ["ABC-12", "ABC-13", "ABC-14"]],
    ["#ABC-12!", ["ABC-12"]],
    ["2024-05-06-ABC-7", ["ABC-7"]],
    ["12-34_AB-5", ["AB-5"]],
    ["11-245", []],
    ["2024-05-06", []],
    // Not inside a longer word or number.
    ["ABC-123abc", []],
    ["ABC-1ABC-2", []],
    ["ABC-12é", []],
    ["ABC-12٣", []],
    ["7ABC-12", []],
    ["ÜBER-12", []],
    ["U\u0308BER-12", []],
    ["ſAB-1", []],
    ["\u212aAB-1", []],
    ["ÉX_ABC-12", ["ABC-12"]],
    ["é-ABC-12", ["ABC-12"]],
    ["日本ABC-12", []],
    ["日本 ABC-12 です", ["ABC-12"]],
    ["\u{10400}AB-1", []],
    ["😀AB-1", ["AB-1"]],
    ["aſ-1", []],
    // Each key once, in the order of the text.
    ["XYZ-2 ABC-1 xyz-2", ["XYZ-2", "ABC-1"]],
    // What looks like a key and is none.
    ["UTF-8", []],
    ["SHA-256", []],
    ["CVE-2024-1234", []],
    ["ISO-8601", []],
    ["dependabot/npm_and_yarn/lodash-4.17.21", []],
    ["RELEASE-2024", []],
    ["NODE-20", []],
    ["GPT-4", []],
    ["STEP-1", []],
    ["V2-1", []],
    ["X1-2", []],
    ["b7-214-68901", []],
    ["revert-12-feature/PROP-5", ["PROP-5"]],
    ["CWE-79 RFC-9110 GHSA-1 MD-5 AES-128 RSA-2048 TLS-1 HTTP-2 VERSION-1 PSR-4 EC-2 PR-12 GH-12 WIP-1", []],
    ["JSP_JIR-123", ["JIR-123"]],
  ])("%j: %j", (text, expected) => {
    expect(keysIn(text)).toEqual(expected);
  });
});

describe("when the projects are known, only their keys count", () => {
  test.each<[string, string[], string[]]>([
    ["PROP-1 and WEB-2", ["PROP"], ["PROP-1"]],
    ["utf-8", ["UTF"], ["UTF-8"]],
    ["PROP-1", [], []],
    ["JSP_JIR-123", ["JSP_JIR", "JIR"], ["JSP_JIR-123"]],
    ["JSP_JIR-123", ["JIR"], ["JIR-123"]],
    ["a_JSP_JIR-123", ["JSP_JIR", "JIR"], ["JSP_JIR-123"]],
    ["JSP_JIR-123", ["JSP"], []],
    ["fix_PROP-1460", ["PROP"], ["PROP-1460"]],
    ["ÜJSP_JIR-123", ["JSP_JIR"], []],
    ["ABCDEFGHIJKL-1", ["ABCDEFGHIJKL"], ["ABCDEFGHIJKL-1"]],
    ["7PROP-1", ["PROP"], []],
  ])("%j of %j: %j", (text, projects, expected) => {
    expect(keysIn(text, projects)).toEqual(expected);
  });
});

test("a near miss says why it is none", () => {
  expect(findKeys("WEB-2", new Set(["PROP"]))).toEqual([
    { key: "WEB-2", project: "WEB", refusal: "WEB is not a known ticket project" },
  ]);
  expect(findKeys("UTF-8", null)).toEqual([
    { key: "UTF-8", project: "UTF", refusal: "UTF is a common name and no ticket project" },
  ]);
  expect(findKeys("add-code-of-conduct-1", null)[0]?.refusal).toBe("CONDUCT is a common name and no ticket project");
});

describe("100 kB of hostile text end at once", () => {
  const SIZE = 100_000;
  test.each([
    ["one word", "a"],
    ["underscores", "_"],
    ["short words joined by underscores", "a_"],
    ["digits", "1"],
    ["hyphens", "-"],
    ["almost keys", "AB-"],
    ["keys in longer words", "AB-1x"],
    ["long numbers", "AB-11111111111111111111"],
    ["letters that fold", "ſ"],
    ["one key again and again", "AB-1 "],
  ])("%s", (_, piece) => {
    const text = piece.repeat(SIZE / piece.length);
    for (const hostile of [text, `${text}-1`, `${text}-1x`, `AB-${text}`]) {
      expect(findKeys(hostile, null).length).toBeLessThanOrEqual(1);
      expect(findKeys(hostile, new Set(["A_A"])).length).toBeLessThanOrEqual(1);
    }
  });
});

test("whatever the text, what is found stands in it as a key", () => {
  const pieces = fc.constantFrom("AB", "-", "1", "0", "_", "/", "é", "x", " ", "PROP-12", "\u0308", "😀");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const text = parts.join("");
      for (const { key, project } of findKeys(text, null)) {
        expect(text.toUpperCase()).toContain(key);
        expect(key).toMatch(/^[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}$/);
        expect(key.startsWith(`${project}-`)).toBe(true);
      }
    }),
  );
});
