import { createHmac } from "node:crypto";
import { type Json, uuidOf } from "./ids.js";
import { issueJson, personJson, versionJson } from "./jira-json.js";
import type { Change, Issue, JiraState, Version } from "./jira-state.js";
import type { Sender } from "./webhook.js";

/** What Jira's actions work on. */
export interface JiraSite {
  readonly state: JiraState;
  readonly base: string;
  tellIssue(event: IssueEvent): Promise<void>;
  tellVersion(event: { readonly event: string; readonly at: number; readonly version: Version }): Promise<void>;
}
export interface IssueEvent {
  readonly event: "jira:issue_created" | "jira:issue_updated" | "jira:issue_deleted";
  readonly type: string;
  readonly at: number;
  readonly by: string;
  readonly issue: Issue;
  readonly change?: Change;
}
export interface JiraAnnouncer {
  readonly state: JiraState;
  readonly base: string;
  readonly sender: Sender;
  readonly secret: string;
}

export function createJiraSite({ state, base, sender, secret }: JiraAnnouncer): JiraSite {
  let sent = 0;
  const deliver = (payload: Json): Promise<void> => {
    sent += 1;
    const id = uuidOf(`jira webhook ${sent}`);
    const body = JSON.stringify(payload);
    const headers = {
      "content-type": "application/json; charset=UTF-8",
      "user-agent": "Atlassian Webhook HTTP Client",
      "x-atlassian-webhook-identifier": id,
      "x-atlassian-webhook-flow": "Primary",
      "x-hub-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    };
    return sender.deliver({ source: "jira", id, headers, body });
  };
  return {
    state,
    base,
    tellIssue: ({ event, type, at, by, issue, change }) =>
      deliver({
        timestamp: at,
        webhookEvent: event,
        issue_event_type_name: type,
        user: personJson(base, by),
        issue: issueJson(base, issue),
        ...(change && { changelog: { id: change.id, items: change.items } }),
      }),
    tellVersion: ({ event, at, version }) =>
      deliver({ timestamp: at, webhookEvent: event, version: versionJson(base, version) }),
  };
}
