import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CloneCommit } from "../../src/core/clone.js";
import { parseCommit, readCommits } from "../../src/git/commits.js";

const SHA = "a".repeat(40);
const record = (message: string, { parents = "", dates = "1714636800 +0000", name = "Ann", extra = "" } = {}): Buffer =>
  Buffer.from(
    `${SHA}${parents && ` ${parents}`}\ntree ${SHA}\n${parents && `parent ${parents}\n`}author ${name} <ann@example.com> ${dates}\ncommitter Ann <ann@example.com> ${dates}\n${extra}\n${message.replace(/^/gm, "    ")}\n`,
  );

async function read(chunks: readonly Buffer[]): Promise<CloneCommit[]> {
  async function* stream() {
    yield* chunks;
  }
  const commits: CloneCommit[] = [];
  for await (const piece of readCommits(stream())) commits.push(...piece);
  return commits;
}

describe("reading commits", () => {
  it("gives the same however git's answer is cut into pieces", async () => {
    const whole = Buffer.concat(
      [..."abc"].map((letter) => Buffer.concat([record(`Subject ${letter} ü\n\nbody`), Buffer.of(0)])),
    );
    const expected = await read([whole]);
    expect(expected.map(({ message }) => message)).toEqual([
      "Subject a ü\n\nbody",
      "Subject b ü\n\nbody",
      "Subject c ü\n\nbody",
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.subarray(places[index], end));
        expect(await read(pieces)).toEqual(expected);
      }),
    );
  });

  it("keeps 2,000 characters of a message that is huge, and what comes after it", async () => {
    const huge = `Subject\n\n${"word ".repeat(400_000)}`;
    const bytes = Buffer.concat([record(huge), Buffer.of(0), record("next"), Buffer.of(0)]);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) =>
      bytes.subarray(index * 65_536, (index + 1) * 65_536),
    );
    const [first, second] = await read(pieces);
    expect(first?.message).toBe(huge.slice(0, 2000).trimEnd());
    expect(second?.message).toBe("next");
  });

  it("shows bytes that are no UTF-8 as such, and goes on", () => {
    const bytes = record("Gr\u00fc\u00dfe");
    const latin = Buffer.from(bytes.toString("utf8"), "latin1");
    expect(parseCommit(latin).message).toBe("Gr\ufffd\ufffde");
  });

  it.each([
    ["a date that is missing", "", 0],
    ["a date in words", "yesterday", 0],
    ["a date behind all calendars", "99999999999999999 +0000", 0],
    ["a date before computers", "-1 +0000", 0],
  ])("takes %s for none", (_what, dates, expected) => {
    const { authoredAt, committedAt } = parseCommit(record("x", { dates }));
    expect([authoredAt, committedAt]).toEqual([expected, expected]);
  });

  it("is not taken in by names that look like dates, and messages that look like heads", () => {
    const { author, authoredAt, message } = parseCommit(
      record("x\n\nauthor Eve <eve@example.com> 1 +0000", { name: "Ann > 5 +0000" }),
    );
    expect([author.login, authoredAt, message]).toEqual([
      "Ann > 5 +0000",
      1_714_636_800_000,
      "x\n\nauthor Eve <eve@example.com> 1 +0000",
    ]);
  });

  it("knows bots by the mark that GitHub gives them", () => {
    expect(parseCommit(record("x", { name: "renovate[bot]" })).author).toEqual({ login: "renovate[bot]", bot: true });
    expect(parseCommit(record("x", { name: "Robot" })).author.bot).toBe(false);
  });

  it("notices parents that the clone does not have", () => {
    const cut = record("x", { extra: "" })
      .toString()
      .replace("\nauthor", `\nparent ${"b".repeat(40)}\nauthor`);
    expect(parseCommit(Buffer.from(cut))).toMatchObject({ parents: [], cut: true });
    expect(parseCommit(record("x", { parents: "c".repeat(40) }))).toMatchObject({ parents: ["c".repeat(40)], cut: false });
  });
});
