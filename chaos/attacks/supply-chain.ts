import { execFile } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** S16: what is installed is what was reviewed: little, locked by its hash, run by few scripts. */
export const supplyChain: Experiment = {
  id: "S16",
  title: "supply chain",
  inTests: true,
  controls: [
    {
      says: "a package runs a script when it is installed, which nobody allowed",
      file: "package.json",
      before: '"esbuild": true',
      after: '"esbuild": false',
    },
  ],
  run: async (campaign) => {
    const lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8")) as Lock;
    const { allowScripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
      allowScripts: Record<string, boolean>;
    };
    const locked = Object.entries(lock.packages).filter(([path]) => path !== "");
    const shipped = locked.filter(([, { dev }]) => !dev);
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    const figures = [
      exactly(
        `locked packages without a hash, of ${locked.length}`,
        locked.filter(([, { integrity }]) => !integrity).length,
        0,
      ),
      exactly("locked packages that name where they are fetched from", locked.filter(([, { resolved }]) => resolved).length, 0),
      atMost("packages that are shipped", shipped.length, 160),
      exactly("packages whose install script nobody allowed", scripted.filter((name) => !allowScripts[name]).length, 0),
      exactly(
        "shipped packages with an install script",
        shipped
          .filter(([, { hasInstallScript }]) => hasInstallScript)
          .map(([path]) => nameOf(path))
          .join(),
        "better-sqlite3",
      ),
      ...(await billOfMaterials(shipped)),
    ];
    return campaign.size === "full" ? [...figures, ...(await installed(campaign))] : figures;
  },
};

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
}
interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** All of it: of what development needs as well, npm leaves out too much when it is to leave that out. */
async function billOfMaterials(shipped: readonly (readonly [string, Locked])[]): Promise<Figure[]> {
  const options = { cwd: ROOT, maxBuffer: 32 * 2 ** 20 };
  const { stdout } = await run("npm", ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"], options);
  const { components } = JSON.parse(stdout) as { components: readonly { name: string; group?: string; version: string }[] };
  const listed = new Set(components.map(({ name, group, version }) => `${group ? `${group}/` : ""}${name}@${version}`));
  const missing = shipped.filter(([path, { version }]) => !listed.has(`${nameOf(path)}@${version}`));
  return [
    exactly(
      `shipped packages that the bill of materials lacks, of ${shipped.length}`,
      missing.map(([path]) => nameOf(path)).join() || 0,
      0,
    ),
  ];
}

/** From npm's cache alone, no script run, but for the one rebuild. */
async function installed(campaign: Campaign): Promise<Figure[]> {
  const folder = await campaign.folder();
  for (const name of ["package.json", "package-lock.json"]) await cp(join(ROOT, name), join(folder, name));
  const options = { cwd: folder, maxBuffer: 32 * 2 ** 20 };
  await run("npm", ["ci", "--ignore-scripts", "--offline", "--omit=dev", "--no-audit", "--no-fund"], options);
  await run("npm", ["rebuild", "better-sqlite3"], options);
  const works =
    'import D from "better-sqlite3"; process.stdout.write(String(new D(":memory:").prepare("select 42").pluck().get()))';
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", works], options);
  return [exactly("installed from the cache without scripts, and rebuilt once: what SQLite then answers", stdout, "42")];
}
