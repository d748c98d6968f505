import type { Owner } from "./ref.js";
import type { Instant } from "./time.js";

/** What a token may be used for: posting events, reading lead times and reports, reading metrics. */
export const SCOPES = ["events", "reports", "metrics"] as const;
export type Scope = (typeof SCOPES)[number];

/** An API token of a GitHub account, without its secret. */
export interface Token {
  readonly id: string;
  readonly owner: Owner;
  /** Unique among those of its account that are not revoked. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Instant;
  /** To the minute; null: never. */
  readonly lastUsedAt: Instant | null;
  readonly revokedAt: Instant | null;
}
