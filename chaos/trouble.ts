import { HttpException } from "jira.js";
import { MINUTE, SECOND } from "../src/core/time.js";
import type { JiraClient } from "../src/jira/client.js";
import type { Clock } from "../src/ports.js";
import { pick } from "../src/simulator/chance.js";
import type { Answer, Fault, FaultKind } from "../src/simulator/http.js";
import type { World } from "../src/simulator/world.js";
import type { Between } from "./adapters.js";

export type Asked = "GitHub" | "Jira";

/** One bad answer. `until`: from when on it lets itself be asked again, if it says so. */
interface Bad {
  readonly answer: FaultKind;
  readonly until?: number;
}
type Kind = (now: number, seconds: number) => Bad;

const answer = (status: number, headers: Readonly<Record<string, string>> = {}, body: object = { message: "No." }): Answer => ({
  ...{ status, headers, body },
});
const alone = (status: number, headers: Readonly<Record<string, string>> = {}): Kind => {
  return (now, seconds) => ({
    answer: answer(status, { "retry-after": String(seconds), ...headers }),
    until: now + seconds * SECOND,
  });
};
const just = (kind: FaultKind): Kind => {
  return () => ({ answer: kind });
};
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const PAGE = "<html><head><title>Unicorn!</title></head><body>No server is available.</body></html>";

const LIMITS_PAGE = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#secondary-rate-limits";

/** In which ways an answer may be bad: the same for both, and what only the one says. */
const KINDS: Readonly<Record<Asked | "either", readonly Kind[]>> = {
  either: [
    ...[500, 502, 503, 504].map((status) => just(answer(status))),
    alone(502),
    alone(503),
    alone(429),
    ...(["hang", "reset", "drop-answer", "cut", "half", "drip"] as const).map(just),
    just({ status: 502, text: PAGE, headers: { "content-type": "text/html" } }),
    just({ status: 200, text: PAGE, headers: { "content-type": "text/html" } }),
    just({ status: 200, text: PAGE, headers: JSON_TYPE }),
    just({ status: 200, text: "", headers: JSON_TYPE }),
  ],
  GitHub: [
    alone(403),
    (now, seconds) => primary(403, now, seconds),
    (now, seconds) => primary(429, now, seconds),
    (now) => ({ answer: answer(403, {}, { documentation_url: LIMITS_PAGE }), until: now + MINUTE }),
    (now) => ({ answer: answer(429), until: now + MINUTE }),
  ],
  Jira: [just(answer(403)), just(answer(401)), just({ status: 302, headers: { location: "/login" } })],
};

/** The limit's end is told in whole seconds. */
function primary(status: number, now: number, seconds: number): Bad {
  const reset = Math.ceil(now / SECOND) + seconds;
  const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset), date: new Date(now).toUTCString() };
  return { answer: answer(status, headers), until: reset * SECOND };
}

/** Where it may go wrong; without any: anywhere. */
const PLACES: Readonly<Record<Asked, readonly Place[]>> = {
  GitHub: [
    { method: "POST", path: /\/access_tokens$/ },
    { method: "GET", path: /\/contents\// },
    { method: "GET", path: /\/pulls\/1\/commits$/ },
    { method: "GET", path: /\/commits\/[^/]+\/pulls$/ },
    { method: "GET", path: /\/issues\/1\/comments$/ },
    { method: "POST", path: /\/issues\/1\/comments$/ },
    { method: "PATCH", path: /\/issues\/comments\/\d+$/ },
    {},
  ],
  Jira: [{ path: /\/issue\/[^/]+$/ }, { path: /\/changelog$/ }, { path: /\/status$/ }, { path: /\/project\/search$/ }, {}],
};

type Place = Pick<Fault, "method" | "path">;

interface Drawn {
  readonly random: () => number;
  readonly place: Place;
  readonly kind: Kind;
  readonly times: number;
}

/** What was seen of the app's calls. */
export interface Seen {
  /** Bad answers given. */
  bad: number;
  readonly calls: { readonly asked: Asked; readonly what: string; readonly at: number }[];
  /** Begun before the one that is asked let itself be asked again. */
  readonly tooSoon: string[];
}

/** Stands between the app and the world: makes things go wrong, and notes when the app asks again. */
export function trouble(world: World, clock: Clock) {
  const seen: Seen = { bad: 0, calls: [], tooSoon: [] };
  const notBefore: Record<Asked, number> = { GitHub: 0, Jira: 0 };
  const said = new Map<string, number>();
  const heard = (asked: Asked, what: string): void => {
    notBefore[asked] = Math.max(notBefore[asked], said.get(what) ?? 0);
  };
  const call: Calling = async (asked, what, { ask, isBad }) => {
    seen.calls.push({ asked, what, at: clock.now() });
    if (clock.now() < notBefore[asked]) seen.tooSoon.push(`${asked} ${what}`);
    said.delete(what);
    try {
      const answer = await ask();
      if (isBad(answer)) heard(asked, what);
      return answer;
    } catch (error) {
      if (isBad(error)) heard(asked, what);
      throw error;
    }
  };
  const server = { GitHub: world.github, Jira: world.jira };
  const next = (asked: Asked, { random, place, kind, times }: Drawn): void => {
    const seconds = pick(random, [1, 2, 5, 30, 60, 120, 900]);
    server[asked].faults.next({
      ...place,
      times,
      answer: ({ method, path }) => {
        const bad = kind(clock.now(), seconds);
        seen.bad++;
        if (bad.until !== undefined) said.set(`${method} ${path}`, bad.until);
        return bad.answer;
      },
    });
  };
  return {
    seen,
    between: { fetch: watchedFetch(call), jira: watchedJira(call) } satisfies Between,
    /** Makes the next requests go wrong: each in its turn anywhere, then some drawn by lot. */
    brew: (random: () => number, turn: number): void => {
      for (const asked of ["GitHub", "Jira"] as const) {
        const kinds = [...KINDS.either, ...KINDS[asked]];
        next(asked, { random, place: {}, kind: kinds[turn % kinds.length] ?? pick(random, kinds), times: 1 });
      }
      for (let left = Math.floor(random() * 4); left > 0; left--) {
        const asked = random() < 0.7 ? "GitHub" : "Jira";
        const kind = pick(random, [...KINDS.either, ...KINDS[asked]]);
        next(asked, { random, place: pick(random, PLACES[asked]), kind, times: 1 + Math.floor(random() * 3) });
      }
    },
  };
}

/** `isBad`: whether an answer came, and was a bad one. */
interface Call<T> {
  readonly ask: () => Promise<T>;
  readonly isBad: (result: unknown) => boolean;
}
type Calling = <T>(asked: Asked, what: string, call: Call<T>) => Promise<T>;

const isBadStatus = (result: unknown): boolean => result instanceof Response && !result.ok;
const isException = (result: unknown): boolean => result instanceof HttpException;

const watchedFetch =
  (call: Calling): NonNullable<Between["fetch"]> =>
  (fetch) =>
  (input, init) => {
    const { pathname } = new URL(String(input));
    const what = `${init?.method ?? "GET"} ${pathname.replace("/api/v3", "")}`;
    return call("GitHub", what, { ask: () => fetch(input, init), isBad: isBadStatus });
  };

const watchedJira = (call: Calling): NonNullable<Between["jira"]> => {
  const asking = <T>(path: string, ask: () => Promise<T>): Promise<T> =>
    call("Jira", `GET /rest/api/3${path}`, { ask, isBad: isException });
  return (client: JiraClient) => ({
    issue: (key) => asking(`/issue/${key}`, () => client.issue(key)),
    changelog: (key, startAt) => asking(`/issue/${key}/changelog`, () => client.changelog(key, startAt)),
    statuses: () => asking("/status", () => client.statuses()),
    projects: (startAt) => asking("/project/search", () => client.projects(startAt)),
  });
};
