import { code } from "./markdown.js";

const MAX_KEY = 40;
const OUTCOMES = {
  read: "was read again",
  unknown: "is not known to Jira, or not shown to us",
  away: "could not be read now: it is tried again by itself",
} as const;

/** What was read again. `secretive`: nothing may be told of tickets. */
export function renderRefreshed(tickets: ReadonlyMap<string, keyof typeof OUTCOMES>, secretive: boolean): string {
  const lines = [...tickets].map(([key, outcome]) => `- ${code(key, MAX_KEY) || "–"} ${OUTCOMES[outcome]}.`);
  const host = "- The pull request, its commits and the repository's configuration were read again.";
  return secretive ? "Read again." : [host, ...lines].join("\n");
}
