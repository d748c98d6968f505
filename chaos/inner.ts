import { type Instant, instant, type Milliseconds } from "../src/core/time.js";
import { EffectRunner } from "../src/flow/effects.js";
import { work } from "../src/flow/worker.js";
import { githubSource } from "../src/github/deliveries.js";
import { jiraSource } from "../src/jira/deliveries.js";
import type { Clock, Log, Outcome, Store } from "../src/ports.js";
import type { Webhook } from "../src/simulator/webhook.js";
import type { World } from "../src/simulator/world.js";
import { adapters, type Between } from "./adapters.js";

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A clock that stands until it is moved. */
export interface HandClock extends Clock {
  forward(milliseconds: number): void;
}

export function handClock(start: number): HandClock {
  let now = instant(start);
  return {
    now: () => now,
    forward: (milliseconds) => {
      now = instant(now + milliseconds);
    },
  };
}

/** The app behind its intake, on a clock of the experiment's own: the worker and the effects, against real servers. */
export interface Inner {
  accept(webhooks: readonly Webhook[]): Promise<void>;
  /** Does all that is due now. */
  settle(): Promise<void>;
  /** When something that was put off is due again. */
  dueNext(): Instant | undefined;
  /** Goes on as a new process would, knowing no more than what is in the store. */
  restart(store: Store): void;
}

export interface InnerOptions {
  readonly world: World;
  readonly store: Store;
  readonly clock: HandClock;
  /** How long one call may take, in real milliseconds. */
  readonly patience: Milliseconds;
  readonly between: Between;
  /** Told of what became of every effect. */
  readonly settled?: (outcome: Outcome) => void;
}

export function startInner(options: InnerOptions): Inner {
  const { world, clock } = options;
  const due = new Map<string, Instant>();
  const settled = (subject: string, outcome: Outcome): void => {
    if (outcome.state === "later") due.set(subject, outcome.retryAt);
    else due.delete(subject);
    options.settled?.(outcome);
  };
  let store = watched(options.store, settled);
  const { JIRA_BASE_URL: baseUrl = "", APP_ID: appId = "" } = world.environment();
  const sources = { github: githubSource({ appId }), jira: jiraSource({ baseUrl }) };
  let runner = runnerOn(options, store);
  return {
    accept: async (webhooks) => {
      const receivedAt = clock.now();
      const deliveries = webhooks.map(({ source, id, headers, body }) => ({
        ...{ source, id, receivedAt, event: headers["x-github-event"] ?? "", body: Buffer.from(body) },
      }));
      await store.accept(deliveries);
    },
    settle: async () => {
      for (let something = true; something; ) {
        const worked = await work({ store, sources, policy: POLICY, clock, log: silent });
        const started = await runner.look();
        await runner.settled();
        something = worked || started;
      }
    },
    dueNext: () => [...due.values()].filter((at) => at > clock.now()).sort((one, other) => one - other)[0],
    restart: (opened) => {
      store = watched(opened, settled);
      runner = runnerOn(options, store);
    },
  };
}

const POLICY = { configuration: null, jira: { configured: true, owners: null } };

const runnerOn = ({ world, clock, patience, between }: InnerOptions, store: Store): EffectRunner =>
  new EffectRunner({
    ...{ store, clock, policy: POLICY, publicUrl: null, log: silent },
    ...adapters(world, { clock, log: silent, patience, between }),
  });

/** The store, telling of what became of every effect. */
function watched(store: Store, told: (subject: string, outcome: Outcome) => void): Store {
  return {
    ...store,
    transaction: (run) =>
      store.transaction((tx) =>
        run({
          ...tx,
          settleEffect: async (claimed, outcome) => {
            await tx.settleEffect(claimed, outcome);
            told(`${claimed.owner} ${JSON.stringify(claimed.effect)}`, outcome);
          },
        }),
      ),
  };
}
