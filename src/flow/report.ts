import { type Profile, sourceControlPart, startsWithTicket } from "../core/profile.js";
import { stageReport } from "../core/stage-report.js";
import { DAY, instant } from "../core/time.js";
import { renderReport } from "../render/report.js";
import type { AskedHere } from "./asked.js";
import { builtIn } from "./gather.js";
import type { Setting } from "./shown.js";

/** The repository's lead times by stage over the last days: of its tickets, where its profile begins with them and there are any. */
export async function reportHere({ owner, parts }: AskedHere, setting: Setting, days: number): Promise<string> {
  const { gathering, head, hidden, state } = setting;
  const { profile: own } = gathering.ownProfile(state.configuration);
  const profile = hidden ? sourceControlPart(own) : own;
  const until = parts.clock.now();
  const { ratings } = state.configuration.comment;
  // When people work is not for everybody.
  const worked = !hidden && state.configuration.workingTime !== null;
  const counted = async (kind: "ticket" | "pull-request", under: Profile) => {
    const query = { owner, kind, repository: head.repository, profile: under.name, without: null };
    const times = await parts.store.stageTimes({ ...query, from: instant(until - days * DAY), to: until });
    return { report: stageReport(times, under), profile: under.name, kind, days, until, ratings, worked };
  };
  if (!startsWithTicket(profile)) return renderReport(await counted("pull-request", profile));
  const ofTickets = await counted("ticket", profile);
  const told =
    ofTickets.report.items > 0 ? ofTickets : await counted("pull-request", builtIn(state.configuration, "pull-request"));
  return renderReport(told);
}
