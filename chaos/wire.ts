import { connect, createServer, type Socket } from "node:net";
import type { Campaign } from "./experiment.js";

/** The wire between the app and its database. */
export interface Wire {
  /** The database's address, over this wire. */
  readonly url: string;
  /** Ends all connections, and lets no new one be made until `mend`. */
  cut(): void;
  /** What is sent over the connections that there are is lost from now on, and nobody is told. New ones can be made. */
  silence(): void;
  mend(): void;
}

/** Lays a wire to the server that the URL names. */
export async function wireTo(campaign: Campaign, databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.resetAndDestroy();
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  };
  campaign.onEnd(() => {
    server.close();
    cut();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("expected a port");
  const url = new URL(databaseUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    cut: () => {
      isCut = true;
      cut();
    },
    silence: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    mend: () => {
      isCut = false;
    },
  };
}
