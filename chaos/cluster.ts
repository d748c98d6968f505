import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);

/** A PostgreSQL server on loopback that goes with the experiment. */
export interface Cluster {
  /** Of a new, empty database. */
  database(): Promise<string>;
  /** Of the server's own database, for whoever looks after it. */
  readonly adminUrl: string;
  /** `immediate` is what a crash leaves behind. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  end(): Promise<void>;
}

const DEBIAN = "/usr/lib/postgresql";

/** The folder of initdb and pg_ctl: Debian keeps them out of the path. Undefined: no server can be started here. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : [];
  // biome-ignore lint/style/noProcessEnv: programs are found by the path
  const path = process.env.PATH?.split(":") ?? [];
  return [...versions.map((version) => join(DEBIAN, version, "bin")), ...path].find((folder) =>
    ["initdb", "pg_ctl"].every((program) => existsSync(join(folder, program))),
  );
}

export const canStartCluster = (): boolean => programs() !== undefined;

/** PostgreSQL refuses to run as root. */
const asItsUser = (): string[] => (process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : []);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new TypeError("expected a port");
  return address.port;
}

export async function startCluster(): Promise<Cluster> {
  const bin = programs();
  if (!bin) throw new Error("Expected the programs of a PostgreSQL server (Debian's package postgresql), found none");
  const home = await mkdtemp(join(tmpdir(), "leadtime-cluster-"));
  await chmod(home, 0o711);
  const own = join(home, "own");
  await mkdir(own, { mode: 0o700 });
  const user = asItsUser();
  if (user.length > 0) await run("chown", ["postgres", own]);
  const call = async (program: string, ...parameters: string[]) => {
    const [first = "", ...rest] = [...user, join(bin, program), ...parameters];
    // Not by execFile: the server that pg_ctl leaves behind would hold its pipes open.
    const child = spawn(first, rest, { cwd: own, stdio: "ignore" });
    const code = await new Promise((resolve) => child.once("exit", resolve));
    if (code !== 0)
      throw new Error(`${program} ended with ${code}: ${await readFile(join(own, "log"), "utf8").catch(() => "")}`);
  };
  const data = join(own, "data");
  const access = ["--username=leadtime", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  await call("initdb", `--pgdata=${data}`, ...access);
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${own} -c max_connections=100`;
  const start = () =>
    call("pg_ctl", `--pgdata=${data}`, `--log=${join(own, "log")}`, "--wait", "--silent", `--options=${options}`, "start");
  const stop = (mode: string) => call("pg_ctl", `--pgdata=${data}`, "--wait", "--silent", `--mode=${mode}`, "stop");
  await start();
  const urlOf = (name: string) => `postgres://leadtime@127.0.0.1:${port}/${name}`;
  let databases = 0;
  return {
    adminUrl: urlOf("postgres"),
    database: async () => {
      const name = `leadtime_${++databases}`;
      const client = new pg.Client(urlOf("postgres"));
      await client.connect();
      await client.query(`create database ${name}`).finally(() => client.end());
      return urlOf(name);
    },
    start,
    stop,
    end: async () => {
      await stop("immediate").catch(() => undefined); // the experiment may have stopped it
      await rm(home, { recursive: true, force: true });
    },
  };
}
