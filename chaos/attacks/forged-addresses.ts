import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:net";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { atLeast, type Campaign, type Experiment, exactly } from "../experiment.js";
import { until } from "../look.js";
import { send } from "../senders.js";

/** S13: whatever address a redirect, a payload or a page names: nothing but the operator's GitHub and Jira is ever spoken to. */
export const forgedAddresses: Experiment = {
  id: "S13",
  title: "forged addresses",
  inTests: true,
  controls: [
    {
      says: "redirects of Jira are followed",
      file: "src/jira/client.ts",
      before: "maxRedirects: 0,",
      after: "maxRedirects: 5,",
    },
    {
      says: "redirects of GitHub are followed anywhere",
      file: "src/github/client.ts",
      before: "const sameOrigin = to.origin === new URL(url).origin",
      after: 'const sameOrigin = to.origin !== ""',
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const trap = await setTrap(campaign);
    const forms = formsOf(trap.port);
    const tried = forms.filter((_, index) => index % campaign.of(1, 7) === 0);
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: `sqlite:${await campaign.folder()}/leadtime.db` });
    let asked = 0;
    for (const [index, { status, location }] of tried.entries())
      asked += await redirect({ world, app: app.url, index, status, location });
    await send(app.url, await forgedPayloads(world, trap.port), { senders: 1 });
    await until("payloads are read", async () =>
      (await (await fetch(`${app.url}/api/v1/work-items/PROP-999`)).text()).includes("leadTimes"),
    );
    return [
      atLeast(`redirects that were met, ${tried.length} forms of them`, asked, tried.length * 2),
      exactly("connections to where they lead", trap.connections.length, 0),
      exactly("of them with credentials", trap.connections.filter((said) => /authorization|token/i.test(said)).length, 0),
    ];
  },
};

interface Form {
  readonly status: number;
  readonly location: string;
}

/** All of them lead to the trap, or would if they were followed. */
function formsOf(port: number): Form[] {
  const hosts = [
    ...["127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "2130706433", "0", "0.0.0.0"],
    ...[
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[0:0:0:0:0:0:0:1]",
      "localhost",
      "localhost.",
      "LOCALHOST",
      "127.0.0.1.",
    ],
    ...["user:pass@127.0.0.1", "api.github.com@127.0.0.1", "127.0.0.1#@api.github.com"],
  ].map((host) => `http://${host.replace("#", `:${port}#`)}${host.includes("#") ? "" : `:${port}`}/`);
  const others = [
    ...[
      `//127.0.0.1:${port}/`,
      `\\\\127.0.0.1:${port}/`,
      `/\\127.0.0.1:${port}/`,
      `http:/127.0.0.1:${port}/`,
      `http:\\\\127.0.0.1:${port}/`,
    ],
    ...[`HTTP://127.0.0.1:${port}/`, `https://127.0.0.1:${port}/`, `ftp://127.0.0.1:${port}/`, `gopher://127.0.0.1:${port}/_x`],
    ...[
      "file:///etc/passwd",
      "data:application/json,{}",
      "javascript:0",
      `http://127.0.0.1:${port}/?next=https://api.github.com/`,
    ],
  ];
  const statuses = [301, 302, 303, 307, 308];
  return [...hosts, ...others].map((location, index) => ({ location, status: statuses[index % statuses.length] ?? 302 }));
}

/** Listens where no address should lead, and keeps what it is told. */
async function setTrap(campaign: Campaign) {
  const connections: string[] = [];
  const server = createServer((socket) => {
    const index = connections.push("") - 1;
    socket.on("data", (bytes) => {
      connections[index] += bytes.toString("latin1");
      socket.end("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    });
    socket.on("error", () => undefined);
  });
  // Both families, where there are both.
  const port = await listening(server, "::").catch(() => listening(server, "127.0.0.1"));
  campaign.onEnd(() => server.close());
  return { port, connections };
}

const listening = (server: Server, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, host, () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
    });
  });

interface Redirect extends Form {
  readonly world: World;
  readonly app: string;
  readonly index: number;
}

/** A life of which the app asks both; for a while both send it on. Returns how many questions were sent on. */
async function redirect({ world, app, index, status, location }: Redirect): Promise<number> {
  let answered = 0;
  const answer = () => {
    answered++;
    return { status, headers: { location }, body: {} };
  };
  await playTicketLife(world, GOLDEN_TIMES, { number: 2000 + index });
  const asked = { github: world.github.requests.length, jira: world.jira.requests.length };
  for (const server of [world.github, world.jira])
    server.faults.next({ times: 1000, path: /^\/(?:repos|repositories|rest)\//, answer });
  await send(app, world.collect(), { senders: 1 });
  await until(
    "both were asked",
    () => world.github.requests.length > asked.github && world.jira.requests.length > asked.jira && answered >= 2,
  );
  for (const server of [world.github, world.jira]) server.faults.clear();
  return answered;
}

/** A life whose payloads name the trap wherever they named GitHub, well signed. */
async function forgedPayloads(world: World, port: number): Promise<Webhook[]> {
  await playTicketLife(world, GOLDEN_TIMES, { number: 999 });
  const { WEBHOOK_SECRET = "", JIRA_WEBHOOK_SECRET = "" } = world.environment();
  const trap = `http://127.0.0.1:${port}`;
  return world.collect().map((webhook) => {
    const body = webhook.body
      .replaceAll(world.github.url, trap)
      .replaceAll(world.jira.url, trap)
      .replaceAll("https://github.com", trap);
    const github = webhook.source === "github";
    const hmac = createHmac("sha256", github ? WEBHOOK_SECRET : JIRA_WEBHOOK_SECRET)
      .update(body)
      .digest("hex");
    return {
      ...webhook,
      body,
      headers: { ...webhook.headers, [github ? "x-hub-signature-256" : "x-hub-signature"]: `sha256=${hmac}` },
    };
  });
}
