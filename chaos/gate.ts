import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Campaign } from "./experiment.js";

/** When whoever asks is to die: before its request arrives, after it was carried out but not answered, or once it is answered. */
export type Moment = "before" | "between" | "after";

export interface Armed {
  readonly moment: Moment;
  readonly kill: () => void;
}

/** The one way from one process to GitHub: whoever stands here knows what the process is about to do. */
export interface Gate {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** The next comment that is written through here calls `kill` at that moment; null: none does. */
  arm(armed: Armed | null): void;
}

const writesComment = ({ method, url = "" }: IncomingMessage): boolean => method !== "GET" && url.includes("/comments");

/** Passes everything on to `target` (`http://127.0.0.1:PORT`), and the answers back. */
export async function gateTo(campaign: Campaign, target: string): Promise<Gate> {
  let armed: Armed | null = null;
  const server = createServer((incoming, outgoing) => {
    const due = writesComment(incoming) ? armed : null;
    if (due) armed = null;
    if (due?.moment === "before") return due.kill();
    pass(incoming, outgoing, { target, due });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  campaign.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("expected a port");
  return {
    host: `127.0.0.1:${address.port}`,
    arm: (next) => {
      armed = next;
    },
  };
}

/** Whoever asked may be dead by now: then nobody minds what becomes of the rest. */
const nobodyMinds = (): void => {};

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, due }: { readonly target: string; readonly due: Armed | null },
): void {
  const { method = "GET", url = "/", headers } = incoming;
  const passed = request(new URL(url, target), { method, headers }, (answer) => {
    if (due?.moment === "between") return void answer.resume().once("end", due.kill);
    if (due) outgoing.once("finish", due.kill);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  passed.once("error", () => outgoing.destroy());
  incoming.once("error", nobodyMinds);
  outgoing.once("error", nobodyMinds);
  incoming.pipe(passed);
}
