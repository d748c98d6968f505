import { overlaid } from "./overlaid.js";
import { DAY, HOUR, type Milliseconds, milliseconds } from "./time.js";

/** What shows that a deployment failed: docs/configuration.md. */
export const FAILURE_SIGNS = ["rollback", "revert", "hotfix", "incident", "status"] as const;
export type FailureSign = (typeof FAILURE_SIGNS)[number];

/** Where elite, high and medium end, in this order; a value that reaches the third bound is low. */
export type Bounds<Value> = readonly [Value, Value, Value];

/** What holds for DORA's four keys. All names are compared whatever their case. */
export interface Dora {
  /** Globs of the environments that are production; null: as GitHub marks them, or by the usual names. */
  readonly production: readonly string[] | null;
  readonly failedBy: readonly FailureSign[];
  /** A pull request with one of these labels, or from a branch that matches one of these globs, mends a failure. */
  readonly hotfix: { readonly labels: readonly string[]; readonly branches: readonly string[] };
  /** A ticket of one of these types, or with one of these labels, is an incident. */
  readonly incident: { readonly types: readonly string[]; readonly labels: readonly string[] };
  readonly abandonedResolutions: readonly string[];
  readonly bands: {
    readonly leadTimeForChanges: Bounds<Milliseconds>;
    /** The longest time between two deployments, on average. */
    readonly deploymentFrequency: Bounds<Milliseconds>;
    /** Shares of 1. */
    readonly changeFailureRate: Bounds<number>;
    readonly meanTimeToRestore: Bounds<Milliseconds>;
  };
}

/** Those of its keys that a file or a profile gives. */
export type DoraSettings = Given<Dora>;
type Given<Of> = {
  readonly [Key in keyof Of]?:
    | (NonNullable<Of[Key]> extends readonly unknown[] ? NonNullable<Of[Key]> : Given<NonNullable<Of[Key]>>)
    | undefined;
};

const bounds = (...[elite, high, medium]: [number, number, number]): Bounds<Milliseconds> => [
  milliseconds(elite),
  milliseconds(high),
  milliseconds(medium),
];

export const DORA: Dora = {
  production: null,
  failedBy: ["rollback", "revert", "hotfix", "incident"],
  hotfix: { labels: ["hotfix"], branches: ["hotfix/*"] },
  incident: { types: ["Incident"], labels: ["incident"] },
  abandonedResolutions: ["Duplicate", "Won't Do", "Won't Fix", "Cannot Reproduce"],
  bands: {
    leadTimeForChanges: bounds(DAY, 7 * DAY, 30 * DAY),
    deploymentFrequency: bounds(DAY, 7 * DAY, 30 * DAY),
    changeFailureRate: [0.15, 0.3, 0.45],
    meanTimeToRestore: bounds(HOUR, DAY, 7 * DAY),
  },
};

/** What holds where these settings stand over those: a profile's over the organisation's. */
export const withDora = (below: Dora, given: DoraSettings): Dora => ({ ...below, ...overlaid<object>([below, given]) });
