import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { createBacklog } from "../../src/web/backlog.js";
import { createReaders } from "../../src/web/readers.js";
import { ask, fromGitHub, fromJira, memoryStore, SECRET, sign, startWeb } from "./web.js";

const MEBIBYTE = 1024 * 1024;
const GOOD_LOOKING = `sha256=${"0".repeat(64)}`;

/** Sends chunks for as long as the server takes them; gives its answer. */
function pour(port: number, mebibytes: number): Promise<{ status: number | undefined; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const { method, path, headers } = fromGitHub("", { "x-hub-signature-256": GOOD_LOOKING });
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
    sent.once("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode, connection: response.headers.connection });
    });
    sent.on("error", reject);
    const chunk = Buffer.alloc(MEBIBYTE, " ");
    let left = mebibytes;
    const more = (): void => {
      if (left === 0) return void sent.end();
      left -= 1;
      if (sent.write(chunk)) setImmediate(more);
      else sent.once("drain", more);
    };
    more();
  });
}

/** Sends a head and perhaps a beginning of the body, and nothing more; gives all that is answered until the end. */
function begin(port: number, headers: Readonly<Record<string, string>>, beginning = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = Object.entries({ host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.once("error", reject).once("close", () => resolve(answer));
    socket.write(`POST /api/github/webhooks HTTP/1.1\r\n${lines.join("")}\r\n${beginning}`);
  });
}

const HEAD = { "content-type": "application/json", "x-hub-signature-256": GOOD_LOOKING };

describe("a body", () => {
  test("of 25 MiB is taken", async () => {
    const { port, store } = await startWeb();
    const body = Buffer.alloc(25 * MEBIBYTE, " ");
    expect((await ask(port, fromGitHub(body))).status).toBe(202);
    expect([...store.deliveries.values()][0]?.body.length).toBe(25 * MEBIBYTE);
  });

  test("of one byte more is refused by its announced length, without being read", async () => {
    const { port } = await startWeb();
    const answer = await begin(port, { ...HEAD, "content-length": String(25 * MEBIBYTE + 1) });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toMatch(/connection: close/i);
  });

  test("is not even asked for when its announced length is too large", async () => {
    const { port } = await startWeb();
    const answer = await begin(port, { ...HEAD, "content-length": String(100 * MEBIBYTE), expect: "100-continue" });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  test("of 26 MiB that does not announce its length is refused while it comes, and the connection ends", async () => {
    const { port, store } = await startWeb();
    expect(await pour(port, 26)).toEqual({ status: 413, connection: "close" });
    expect(store.deliveries.size).toBe(0);
  });

  test("that is far too large is not read to its end", async () => {
    const { port, web } = await startWeb();
    let read = () => 0;
    web.server.once("connection", (socket) => {
      read = () => socket.bytesRead;
    });
    expect((await pour(port, 100)).status).toBe(413);
    expect(read()).toBeLessThan(25 * MEBIBYTE + 256 * 1024);
  });

  test("that is longer than announced is not accepted for its beginning", async () => {
    const { port, store } = await startWeb();
    const body = JSON.stringify({ zen: "short" });
    const announced = { "content-length": String(body.length - 4), connection: "close" };
    expect(await begin(port, { ...HEAD, ...announced, "x-hub-signature-256": sign(body, SECRET) }, body)).toMatch(
      /^HTTP\/1.1 40[01] /,
    );
    expect(store.deliveries.size).toBe(0);
  });

  test.each([
    ["a length and chunks", { "content-length": "2", "transfer-encoding": "chunked" }],
    ["a length that is no number", { "content-length": "2x" }],
    ["a negative length", { "content-length": "-1" }],
  ])("with %s is refused before it comes to us", async (_what, headers) => {
    const { port, store, log } = await startWeb();
    expect(await begin(port, { ...HEAD, ...headers }, "{}")).toMatch(/^HTTP\/1.1 400 /);
    expect(store.deliveries.size + log.lines.length).toBe(0);
  });

  test("without a signature is not read", async () => {
    const { port } = await startWeb();
    const headers = { "content-type": "application/json", "content-length": String(20 * MEBIBYTE) };
    expect(await begin(port, headers)).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe("when many wait", () => {
  test("one too many is sent away to come again, and there is room once they are done", async () => {
    let answer: (isNew: boolean[]) => void = () => {};
    const stored = new Promise<boolean[]>((resolve) => {
      answer = resolve;
    });
    let waiting: () => void = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const accept = () => {
      waiting();
      return stored;
    };
    const { port } = await startWeb({ store: { ...memoryStore(), accept }, limits: { requests: 1 } });
    const first = ask(port, fromGitHub("{}"));
    await isWaiting;
    expect(await ask(port, fromJira("{}"))).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
    answer([true]);
    expect((await first).status).toBe(202);
    expect((await ask(port, fromJira("{}"))).status).toBe(200);
  });

  test("large bodies beyond the room are sent away, and small ones still get in", async () => {
    const { port } = await startWeb({ limits: { bytesEach: 1000, bytesShared: 5000 } });
    expect((await ask(port, fromGitHub(Buffer.alloc(6001)))).status).toBe(503);
    expect((await ask(port, fromGitHub(Buffer.alloc(6000)))).status).toBe(202);
    expect((await ask(port, fromGitHub(Buffer.alloc(6000)))).status).toBe(200);
  });
});

describe("a store that hangs", () => {
  test("holds no more than the room there is, however many are told to come again", async () => {
    let held = 0;
    const accept = () => {
      held += 1;
      return new Promise<boolean[]>(() => {});
    };
    const { port } = await startWeb({ store: { ...memoryStore(), accept }, limits: { requests: 2, storing: 20 } });
    const statuses = [];
    for (let count = 0; count < 6; count++) statuses.push((await ask(port, fromGitHub("{}"))).status);
    expect([statuses, held]).toEqual([Array(6).fill(503), 2]);
  });
});

describe("senders that dawdle", () => {
  test("give way to the next, who is taken in", async () => {
    const { port } = await startWeb({ limits: { requests: 2 } });
    const headers = { ...HEAD, "x-hub-signature-256": `sha256=${"0".repeat(64)}`, "content-length": "10" };
    const dawdling = [begin(port, headers, "{"), begin(port, headers, "{"), begin(port, headers, "{")];
    expect(await Promise.race(dawdling)).toMatch(/^HTTP\/1.1 503 /);
    expect((await ask(port, fromGitHub("{}"))).status).toBe(202);
  });
});

test("the backlog takes back what a request held", () => {
  const backlog = createBacklog({ requests: 2, bytesEach: 10, bytesShared: 100 });
  const leave = backlog.enter(110);
  expect([typeof leave, backlog.enter(11)]).toEqual(["function", undefined]);
  expect([typeof backlog.enter(10), backlog.enter(10)]).toEqual(["function", undefined]);
  leave?.();
  expect([backlog.enter(111), typeof backlog.enter(110)]).toEqual([undefined, "function"]);
});

describe("bodies that are being read", () => {
  const room = { requests: 2, bytesEach: 10, bytesShared: 100 };

  test("give way in the order in which they came, and those that are done to nobody", () => {
    const readers = createReaders(room);
    const gone: string[] = [];
    const begin = (name: string) => readers.begin(() => gone.push(name));
    const [one] = [begin("one"), begin("two")];
    one?.end();
    begin("three");
    expect(gone).toEqual([]);
    begin("four");
    expect(gone).toEqual(["two"]);
  });

  test("make room for a large one, but not for one that is larger than all room, and small ones stay", () => {
    const readers = createReaders({ ...room, requests: 9 });
    const gone: string[] = [];
    const begin = (name: string) => readers.begin(() => gone.push(name));
    const [large, small, next] = [begin("large"), begin("small"), begin("next")];
    expect([large?.grow(60), small?.grow(10), next?.grow(111), gone]).toEqual([true, true, false, []]);
    expect([next?.grow(110), gone]).toEqual([true, ["large"]]);
    next?.end();
    expect([begin("last").grow(110), gone]).toEqual([true, ["large"]]);
  });
});
