import type { Call } from "./http.js";

/** `/repos/:owner/:repo/contents/*path`: `:name` is one segment, `*name` the rest. */
export type Parameters = Readonly<Record<string, string>>;
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
}

/** The first route that fits, with what stands in its path. */
export function matchRoute<R extends Route>(
  routes: readonly R[],
  { method, path }: Call,
): { route: R; parameters: Parameters } | undefined {
  for (const route of routes) {
    const match = route.method === method ? pattern(route.path).exec(path) : null;
    if (match) return { route, parameters: decode(match.groups ?? {}) };
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();
function pattern(path: string): RegExp {
  const known = patterns.get(path);
  if (known) return known;
  const source = path
    .replace(/\./g, "\\.")
    .replace(/:(\w+)/g, "(?<$1>[^/]+?)")
    .replace(/\*(\w+)/g, "(?<$1>.+)");
  const made = new RegExp(`^${source}/?$`);
  patterns.set(path, made);
  return made;
}

const decode = (groups: Parameters): Parameters =>
  Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
