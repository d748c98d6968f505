import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSigned, parseSignature } from "../../src/web/signature.js";
import { ask, fromGitHub, SECRET, sign, startWeb } from "./web.js";

const BODY = JSON.stringify({ action: "opened", title: "Größe — 尺寸" });
const GOOD = sign(BODY, SECRET);
const HEX = GOOD.slice("sha256=".length);
const sha1 = createHmac("sha1", SECRET).update(BODY).digest("hex");
const sha512 = createHmac("sha512", SECRET).update(BODY).digest("hex");

const isAccepted = (header: string | undefined, body: string | Uint8Array = BODY): boolean => {
  const signature = parseSignature(header);
  return signature !== undefined && isSigned(Buffer.from(body), signature, [SECRET, "the previous secret, 24 b"]);
};

const MALFORMED: readonly (string | undefined)[] = [
  undefined,
  "",
  " ",
  "sha256=",
  "sha256",
  "=",
  HEX,
  `sha1=${sha1}`,
  `sha1=${HEX}`,
  `sha256=${sha1}`,
  `sha512=${sha512}`,
  `sha256=${sha512}`,
  `SHA256=${HEX}`,
  `Sha256=${HEX}`,
  `sha-256=${HEX}`,
  `sha256:${HEX}`,
  `sha256 =${HEX}`,
  `sha256= ${HEX}`,
  `sha256=${HEX.toUpperCase()}`,
  `sha256=${HEX.slice(0, -1)}`,
  `sha256=${HEX.slice(0, -2)}`,
  `sha256=${HEX}0`,
  `sha256=${HEX}00`,
  `sha256=${HEX}\n`,
  `sha256=${HEX.slice(0, -1)}g`,
  `sha256=0x${HEX.slice(2)}`,
  `sha256=${"0".repeat(64)}`,
  `sha256=${Buffer.from(HEX, "hex").toString("base64")}`,
  `${GOOD},${GOOD}`,
  `${GOOD}, ${GOOD}`,
  `${GOOD}; ${GOOD}`,
  `sha1=${sha1}, ${GOOD}`,
  `"${GOOD}"`,
  `\uFEFF${GOOD}`,
  `${GOOD}\0`,
  sign(BODY, ""),
  sign(BODY, "development"),
  sign(BODY, `${SECRET} `),
  sign(BODY, SECRET.slice(0, -1)),
  sign(BODY, SECRET.toUpperCase()),
  sign(`${BODY}\n`, SECRET),
  sign(`\uFEFF${BODY}`, SECRET),
  sign(JSON.stringify(JSON.parse(BODY), null, 1), SECRET),
  sign("", SECRET),
  sign(Buffer.from(BODY, "latin1"), SECRET),
];

test("the right signature is accepted, of either secret, also of bytes that are no text", () => {
  expect(isAccepted(GOOD)).toBe(true);
  expect(isAccepted(sign(BODY, "the previous secret, 24 b"))).toBe(true);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => isAccepted(sign(bytes, SECRET), bytes)));
});

test.each(MALFORMED.map((header) => [JSON.stringify(header) ?? "no header", header]))("%s is not accepted", (_name, header) => {
  expect(isAccepted(header)).toBe(false);
});

test("no signature with any one bit flipped is accepted", () => {
  const signature = Buffer.from(HEX, "hex");
  for (let bit = 0; bit < 256; bit += 1) {
    const flipped = Buffer.from(signature);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(isAccepted(`sha256=${flipped.toString("hex")}`)).toBe(false);
  }
});

test("no body with any bits flipped, cut or grown is accepted", () => {
  const bytes = Buffer.from(BODY);
  const flip = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ mask;
    return flipped;
  });
  const cut = fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length));
  const grown = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Buffer.concat([bytes, more]));
  fc.assert(
    fc.property(fc.oneof(flip, cut, grown), (body) => !isAccepted(GOOD, body)),
    { numRuns: 1000 },
  );
});

test("nothing but a signature is accepted as one", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 100 }), (header) => !isAccepted(header)));
  fc.assert(fc.property(fc.stringMatching(/^sha256=[0-9a-f]{64}$/), (header) => !isAccepted(header)));
});

describe("over HTTP", () => {
  const SENDABLE = MALFORMED.filter((header) => header === undefined || /^[\x20-\x7e]*$/.test(header));

  test("what is wrongly signed gets 401, is not stored, and leaves a short line without its body in the log", async () => {
    const { port, store, log, woken } = await startWeb();
    for (const header of SENDABLE) {
      const answer = await ask(port, fromGitHub(BODY, { "x-hub-signature-256": header }));
      expect([header, answer.status]).toEqual([header, 401]);
    }
    expect(store.deliveries.size + woken.times).toBe(0);
    expect(log.lines).toHaveLength(SENDABLE.length);
    for (const line of log.lines) {
      expect(JSON.stringify(line).length).toBeLessThan(200);
      expect(JSON.stringify(line)).not.toMatch(/opened|sha1|[0-9a-f]{16}/);
    }
  });

  test("two signature headers are one too many, and so is the old header alone", async () => {
    const { port, store } = await startWeb();
    const two = fromGitHub(BODY, { "x-hub-signature-256": [GOOD, GOOD] });
    const old = fromGitHub(BODY, { "x-hub-signature-256": undefined, "x-hub-signature": GOOD });
    expect((await ask(port, two)).status).toBe(401);
    expect((await ask(port, old)).status).toBe(401);
    expect(store.deliveries.size).toBe(0);
  });
});
