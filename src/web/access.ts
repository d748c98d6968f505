import { isLoopbackAddress, isLoopbackName } from "../core/loopback.js";
import type { Owner } from "../core/ref.js";

/** Who reads: one account's rows, those of the token; or all of them, from this machine while no token was made. */
export type Reader = { readonly account: Owner } | "all";

/** What decides whether a request without a token or a session is let in. */
export interface AccessRequest {
  /** The address that the listener is bound to; null when it is none, as of a socket in the file system. */
  readonly listener: string | null;
  /** Whether `PUBLIC_URL` or `WEBHOOK_PROXY_URL` is set, so that strangers may get here through another server. */
  readonly published: boolean;
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

/** Why a request is refused; null when it is let in, for it comes from this machine and was forwarded by nobody. */
export function refusalOf({ listener, published, headers }: AccessRequest): string | null {
  if (listener === null || !isLoopbackAddress(listener)) return "the app does not listen on a loopback address";
  if (published) return "PUBLIC_URL or WEBHOOK_PROXY_URL is set";
  if (Object.keys(headers).some(isForwarding)) return "the request was forwarded by a proxy";
  const [host, ...others] = headers.host ?? [];
  if (host === undefined || others.length > 0 || !isLoopbackName(withoutPort(host))) return "its Host is not a loopback name";
  return null;
}

const isForwarding = (header: string): boolean => /^(?:forwarded$|x-forwarded-)/i.test(header);
const withoutPort = (host: string): string => host.replace(/:\d{1,5}$/, "");
