/** A signed webhook request. Header names are lower case; `body` is the signed text. */
export interface Webhook {
  readonly source: "github" | "jira";
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
/** One try at delivering. `status` null: no answer came. */
export interface Attempt {
  readonly webhook: Webhook;
  readonly time: number;
  readonly redelivery: boolean;
  readonly status: number | null;
}
export type Targets = { readonly [Source in Webhook["source"]]?: string };
export interface Sender {
  /** Where webhooks go from now on; those without a target wait for `collect`. */
  target(urls: Targets): void;
  /** Takes the webhooks that wait, in the order in which they happened. */
  collect(): Webhook[];
  deliver(webhook: Webhook): Promise<void>;
  /** Sends one (again), to the target; the status, or null when none answered. */
  send(webhook: Webhook, redelivery?: boolean): Promise<number | null>;
  /** Every try so far, oldest first. */
  readonly attempts: Attempt[];
}

const TEN_SECONDS = 10_000;

/** Carries webhooks to the app as GitHub and Jira do: one try, ten seconds. */
export function createSender(now: () => number): Sender {
  let targets: Targets = {};
  let waiting: Webhook[] = [];
  const attempts: Attempt[] = [];

  const send: Sender["send"] = async (webhook, redelivery = false) => {
    const url = targets[webhook.source];
    const status = url === undefined ? null : await post(url, webhook);
    attempts.push({ webhook, time: now(), redelivery, status });
    return status;
  };
  return {
    attempts,
    send,
    target: (urls) => {
      targets = urls;
    },
    collect: () => {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    deliver: async (webhook) => {
      if (targets[webhook.source] === undefined) waiting.push(webhook);
      else await send(webhook);
    },
  };
}

async function post(url: string, { headers, body }: Webhook): Promise<number | null> {
  try {
    const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TEN_SECONDS) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}
