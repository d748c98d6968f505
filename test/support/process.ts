import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Running {
  readonly url: string;
  /** Ends it with this signal; resolves to its exit code, null when the signal ended it. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
}

/** `leadtime start` as a process of its own, from these settings. */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<Running> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli.ts", "start"], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "info", LOG_FORMAT: "json", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => (typeof code === "number" ? code : null));
  onTestFinished(() => void child.kill("SIGKILL"));
  const url = await Promise.race([listening(child), exited.then((code) => Promise.reject(new Error(`ended with ${code}`)))]);
  return {
    url,
    end: async (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

/** The address that its log says it listens on. */
function listening({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("the log of a process is read from its standard output");
  const lines = createInterface(stdout);
  return new Promise((found) => {
    lines.on("line", (line) => {
      const [, url] = /"url":"([^"]+)"/.exec(line) ?? [];
      if (url && line.includes("is listening")) found(url);
    });
  });
}

/** Passes requests on to `target`; the answers to those that fit are held back for good. Returns its `host:port`. */
export async function holdingBack(target: string, fits: (method: string, path: string) => boolean): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const passed = request(new URL(url, target), { method, headers }, (answer) => {
      if (fits(method, url)) return void answer.resume();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  return `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}
