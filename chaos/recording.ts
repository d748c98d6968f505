import { readFileSync } from "node:fs";

/** What the shim noted, in the order in which it was (sync-shim.c). A file is 0, the database, or 1, its -wal. */
export type Step =
  | { readonly kind: "write"; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "cut"; readonly file: number; readonly size: number }
  /** Noted when it was over; what had been written before step `began` is on the disk then, unless it failed. */
  | { readonly kind: "sync"; readonly file: number; readonly began: number; readonly failed: boolean }
  /** `delivery`: `source id`. */
  | { readonly kind: "answer"; readonly delivery: string; readonly status: number }
  | { readonly kind: "other" };

const KINDS = ["", "write", "cut", "sync", "request", "answer"] as const;
const HEADER = 24;

interface Entry {
  readonly kind: (typeof KINDS)[number] | undefined;
  /** Or the descriptor of a socket. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  readonly bytes: Buffer;
}

export function readRecording(path: string): Step[] {
  const asked = new Map<number, string>();
  return [...entriesOf(readFileSync(path))].map((entry) => stepOf(entry, asked));
}

function* entriesOf(all: Buffer): Generator<Entry> {
  let start = 0;
  while (start < all.length) {
    const kind = KINDS[all.readInt32LE(start)];
    const length = Number(all.readBigInt64LE(start + 16));
    const end = start + HEADER + (kind === "write" || kind === "request" || kind === "answer" ? length : 0);
    const bytes = all.subarray(start + HEADER, end);
    yield { kind, file: all.readInt32LE(start + 4), offset: Number(all.readBigInt64LE(start + 8)), length, bytes };
    start = end;
  }
}

/** `asked` has the delivery that each connection waits for an answer to. */
function stepOf({ kind, file, offset, length, bytes }: Entry, asked: Map<number, string>): Step {
  switch (kind) {
    case "write":
      return { kind, file, offset, bytes };
    case "cut":
      return { kind, file, size: offset };
    case "sync":
      return { kind, file, began: offset, failed: length !== 0 };
    case "request":
      asked.set(file, deliveryOf(bytes.toString("latin1")));
      return { kind: "other" };
    case "answer": {
      const delivery = asked.get(file);
      asked.delete(file);
      return delivery ? { kind, delivery, status: Number(bytes.toString("latin1", 9, 12)) } : { kind: "other" };
    }
    default:
      throw new Error("expected a recording of sync-shim.c, but it has an entry of an unknown kind");
  }
}

function deliveryOf(headers: string): string {
  const github = /^x-github-delivery: *(\S+)/im.exec(headers)?.[1];
  const jira = /^x-atlassian-webhook-identifier: *(\S+)/im.exec(headers)?.[1];
  return github ? `github ${github}` : `jira ${jira}`;
}

export const isAcknowledged = (step: Step): step is Extract<Step, { kind: "answer" }> =>
  step.kind === "answer" && step.status >= 200 && step.status < 300;

/** The deliveries that were. */
export const acknowledgedBy = (steps: readonly Step[]): Set<string> =>
  new Set(steps.filter(isAcknowledged).map(({ delivery }) => delivery));
