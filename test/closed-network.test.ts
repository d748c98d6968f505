import { createServer, get, type Server } from "node:http";
import { get as getSecurely } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const listen = (host: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((_request, response) => response.end("ok"));
    server.once("error", reject).listen(0, host, () => resolve(server));
  });

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`expected a port, got ${address}`);
  return address.port;
};

const statusByHttp = (url: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? getSecurely(url) : get(url);
    request.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
  });

const statusByFetch = async (url: string): Promise<number> => (await fetch(url)).status;

describe.each([
  ["fetch", statusByFetch],
  ["http", statusByHttp],
] as const)("by %s", (_name, statusBy) => {
  let server: Server;
  beforeAll(async () => {
    server = await listen("127.0.0.1");
  });
  afterAll(() => server.close());

  test.each(["127.0.0.1", "localhost"])("a server on %s answers", async (host) => {
    expect(await statusBy(`http://${host}:${portOf(server)}/`)).toBe(200);
  });

  test.each([
    "https://api.github.com/",
    "http://192.0.2.1/",
    "http://[2001:db8::1]/",
    "http://localhost.example.com/",
    "https://127.0.0.1.example.com/",
  ])("%s is out of reach", async (url) => {
    await expect(statusBy(url)).rejects.toThrow("Disallowed net connect");
  });
});
