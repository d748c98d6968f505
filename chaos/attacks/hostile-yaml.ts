import { checkConfiguration } from "../../src/core/configuration.js";
import { median } from "../../src/core/statistics.js";
import { readBoundedYaml } from "../../src/github/bounded-yaml.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { startWorld } from "../../src/simulator/world.js";
import { atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { finished } from "../look.js";
import { send } from "../senders.js";

const levels = (count: number, level: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => level(index)).join("");
const bomb = (width: number, depth: number): string =>
  levels(
    depth,
    (index) =>
      `l${index}: &l${index} [${Array(width)
        .fill(index === 0 ? "x" : `*l${index - 1}`)
        .join(", ")}]\n`,
  );

/** Each is refused, and the place of what is wrong with it is told. */
const HOSTILE: Readonly<Record<string, string>> = {
  "a bomb of 9 levels": bomb(9, 9),
  "a wide bomb": bomb(40, 3),
  "more than 64 KiB": "#".repeat(65_537),
  "64 KiB of list": "- a\n".repeat(16_000),
  "30,000 brackets deep": "[".repeat(30_000) + "]".repeat(30_000),
  "30,000 dashes deep": "- ".repeat(30_000),
  "300 levels of indentation": levels(300, (index) => `${" ".repeat(index)}a:\n`),
  "a duplicate key": "profile: a\nprofile: b\n",
  "two documents": "profile: a\n---\nprofile: b\n",
  "a tag that makes an object": "profile: !!js/function 'function () {}'\n",
  "a tag of one's own": "profile: !ours x\n",
  __proto__: "__proto__: { admin: true }\n",
  "constructor and prototype": "constructor: { prototype: { admin: true } }\n",
  "an alias of nothing": "profile: *nothing\n",
  "an anchor that holds itself": "profiles: &a [*a]\n",
  "a merge key": "comment: &c { enabled: true }\nx: { <<: *c }\n",
  "a tab": "profile:\n\tx: 1\n",
  "an unclosed quote": 'profile: "x\n',
  "nothing but errors": `[${",".repeat(60_000)}]`,
};

const REPETITIONS = 9;

/** S12: a configuration file that anybody may have written neither costs anything nor takes the last good one out of force. */
export const hostileYaml: Experiment = {
  id: "S12",
  title: "hostile YAML",
  inTests: true,
  controls: [
    {
      says: "how deep a file is does not matter",
      file: "src/github/bounded-yaml.ts",
      before: "const DEEPEST = 32;",
      after: "const DEEPEST = 32_000;",
    },
  ],
  run: async (campaign) => [...refused(campaign), ...(await inForce(campaign))],
};

function refused(campaign: Campaign): Figure[] {
  const taken: string[] = [];
  const unplaced: string[] = [];
  const times: number[] = [];
  for (const [name, text] of Object.entries(HOSTILE)) {
    const bytes = Buffer.from(text);
    const each = Array.from({ length: REPETITIONS }, () => {
      const began = performance.now();
      const { content, problems, locate } = readBoundedYaml(bytes);
      const found = problems.length > 0 ? problems : checkConfiguration(content).map(locate);
      const took = performance.now() - began;
      return { found, took };
    });
    times.push(median(each.map(({ took }) => took)) ?? 0);
    const found = each[0]?.found ?? [];
    if (found.length === 0) taken.push(name);
    if (found.some(({ line, column }) => !(line >= 1 && column >= 1))) unplaced.push(name);
  }
  const slowest = Object.keys(HOSTILE)[times.indexOf(Math.max(...times))];
  return [
    exactly(`hostile files taken, of ${times.length}`, taken.join(", ") || 0, 0),
    exactly("refused without line and column", unplaced.join(", ") || 0, 0),
    // Where others use the machine as well, as in the ordinary tests, only what lasts shows.
    atMost(`longest refusal (median of ${REPETITIONS}), ${slowest}`, Math.max(...times), campaign.of(20, 500), " ms"),
    exactly("objects that got something of it", Number("admin" in {}), 0),
  ];
}

const repository = "acme/web";
const FILE = ".github/leadtime.yml";

/** A good file, then hostile ones, each pushed: the profile of the good one stays. */
async function inForce(campaign: Campaign): Promise<Figure[]> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  const url = `sqlite:${await campaign.folder()}/leadtime.db`;
  const at = new Date("2024-05-06T08:00:00Z");
  await world.github.install({ account: "acme", at });
  await world.github.createRepository({ repository, at, files: { [FILE]: "profile: ticket-to-merge\n" } });
  await playTicketLife(world, GOLDEN_TIMES);
  const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
  await send(app.url, world.collect(), { senders: 1 });
  await finished(url);
  const names = Object.keys(HOSTILE).slice(0, campaign.of(Object.keys(HOSTILE).length, 3));
  const gone: string[] = [];
  for (const name of names) {
    const commits = [{ message: "Configure", files: { [FILE]: HOSTILE[name] ?? "" } }];
    await world.github.push({ repository, branch: "main", commits, at: new Date("2024-05-06T12:00:00Z") });
    await send(app.url, world.collect(), { senders: 1 });
    await finished(url);
    const item = (await (await fetch(`${app.url}/api/v1/work-items/PROP-1460`)).json()) as { leadTimes: { profile: string }[] };
    if (item.leadTimes.map(({ profile }) => profile).join() !== "ticket-to-merge") gone.push(name);
  }
  return [exactly(`hostile files that took the good one out of force, of ${names.length} pushed`, gone.join(", ") || 0, 0)];
}
