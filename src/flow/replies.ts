import { COMMANDS, type Command, rightFor } from "../core/command.js";
import { choicesOf } from "../core/explanation.js";
import { PERMISSIONS, type Permission } from "../core/question.js";
import { type CommentInput, type CommentTable, renderBreakdown } from "../render/comment.js";
import { renderExplanation } from "../render/explanation.js";
import { renderHelp, renderNotAllowed, renderUnclear } from "../render/help.js";
import type { Asking, Reply } from "./asked.js";
import { chooseProfile, link, refresh, unlink } from "./changes.js";
import { type Gathering, gatheringFor } from "./gather.js";
import { assembled } from "./measure.js";
import { reportHere } from "./report.js";
import { isSecretive, type Setting, settingOf, showing } from "./shown.js";

const SILENCE: Reply = { markdown: null, fine: false };
const UNKNOWN: Reply = { markdown: "Nothing is known of this pull request.", fine: false };

/** Does what is asked, as far as the asker may. What is told goes by who reads here, never by who asks. */
export async function reply(asking: Asking): Promise<Reply> {
  const { command, owner, parts, permission, pullRequest } = asking;
  if (command.name === "help") return { markdown: renderHelp(), fine: true };
  const gathering = await gatheringFor(parts.store, parts.policy, owner);
  const setting = await settingOf({ queries: parts.store, gathering, pullRequest });
  if (!setting) return UNKNOWN;
  const least = leastFor(command, setting);
  if (isLess(permission, least)) return least === "write" && !isStranger(permission, setting) ? notAllowed(command) : SILENCE;
  return carryOut(asking, setting);
}

const isLess = (one: Permission, other: Permission): boolean => PERMISSIONS.indexOf(one) < PERMISSIONS.indexOf(other);
const isPublic = ({ head }: Setting): boolean => head.visibility === "public";
/** Where everybody may write comments, those who have no part in the repository get no answer, against noise. */
const isStranger = (permission: Permission, setting: Setting): boolean => isPublic(setting) && isLess(permission, "triage");

function leastFor(command: Command, setting: Setting): Permission {
  if (rightFor(command) === "change") return "write";
  return isPublic(setting) ? "triage" : "none";
}

function notAllowed({ name }: Command): Reply {
  const usage = COMMANDS.find((row) => row.name === name)?.usage ?? "/leadtime";
  return { markdown: renderNotAllowed(usage), fine: false };
}

async function carryOut(asking: Asking, setting: Setting): Promise<Reply> {
  const { command } = asking;
  switch (command.name) {
    case "show":
      return show(asking, setting);
    case "explain":
      return explain(asking, setting);
    case "report":
      return { markdown: await reportHere(asking, setting, command.days), fine: true };
    case "link":
      return link(asking, setting, command.keys);
    case "unlink":
      return unlink(asking, setting, command.keys);
    case "profile":
      return chooseProfile(asking, setting, command.profile);
    case "refresh":
      return refresh(asking, setting);
    case "help":
      return { markdown: renderHelp(), fine: true };
    case "unclear":
      return { markdown: renderUnclear(command, isSecretive(setting)), fine: false };
  }
}

/** The comment that a person deleted may stand again, now that somebody asks. */
async function show({ owner, pullRequest, parts, room }: Asking, setting: Setting): Promise<Reply> {
  const { store, clock, publicUrl } = parts;
  const now = clock.now();
  const record = await store.comment(owner, pullRequest);
  if (record?.state === "deleted") {
    await store.transaction(async (tx) => {
      await tx.saveComment(owner, pullRequest, { comment: null, state: "kept", body: null });
      await tx.want(owner, [{ kind: "comment", pullRequest }], now);
    });
  }
  return { markdown: renderBreakdown(await showing(setting, publicUrl, now), room, now), fine: true };
}

async function explain({ parts, room }: Asking, setting: Setting): Promise<Reply> {
  const input = await showing(setting, parts.publicUrl, parts.clock.now());
  const tables = await Promise.all(input.tables.map((table) => withChoices(table, setting.gathering)));
  const told: CommentInput = { ...input, tables };
  return { markdown: renderExplanation(told, setting.item.links, room), fine: true };
}

async function withChoices(table: CommentTable, gathering: Gathering): Promise<CommentTable> {
  const found = await assembled(gathering, table.item.ref);
  const own = found?.profiles.find(({ profile }) => profile.name === table.leadTime.profile);
  return found && own ? { ...table, choices: choicesOf(found.item, own.profile, own.rules) } : table;
}
