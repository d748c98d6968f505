import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A message of PostgreSQL's protocol: its type, its length, and what it says. */
function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}

/** Whoever came is let in, and may ask. */
export const READY = Buffer.concat([message("R", "\0\0\0\0"), message("Z", "I")]);
/** An operator ended the connection. */
export const TERMINATED = message("E", "SFATAL\0C57P01\0Mterminating connection\0\0");

/** A server that greets each connection with these messages, all at once, and then says nothing any more. */
export async function scripted(greeting: readonly Buffer[]): Promise<{ url: string; connections(): number }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(Buffer.concat(greeting)));
    socket.on("data", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("expected a port");
  return { url: `postgres://nobody@127.0.0.1:${address.port}/nothing`, connections: () => sockets.length };
}
