import { z } from "zod";
import { expecting } from "./configuration-issue.js";
import { globs, key, name, names, text } from "./configuration-values.js";

const on = <Kind extends string, Options extends z.ZodRawShape, Fields extends z.ZodRawShape>(
  kind: Kind,
  entered: string,
  { options, fields }: { readonly options: Options; readonly fields: Fields },
) => z.strictObject({ on: z.literal(kind).describe(entered), ...options, ...fields }).describe(entered);

const eventType = z.string(expecting("the type of event to wait for, such as incident_1")).trim().min(1).max(255);

const TIME = key(z.enum(["authored", "committed"]), "Which of a commit's two times counts.", "authored");
const DRAFTS = key(z.boolean(), "Whether drafts count; false: from when it was ready for review.", true);
const ENVIRONMENTS = key(globs, "Globs of the environments. Without them every environment counts.");

/** The triggers that a clock may start with. */
export const startTriggers = <Fields extends z.ZodRawShape>(fields: Fields) =>
  [
    on("ticket.created", "The ticket was created.", { options: {}, fields }),
    on("commit.created", "A commit of the work item was made.", { options: { time: TIME }, fields }),
    on("pull-request.opened", "A pull request was opened.", { options: { drafts: DRAFTS }, fields }),
    on("deployment.succeeded", "A deployment whose commit contains the merge commit succeeded.", {
      options: { environments: ENVIRONMENTS },
      fields,
    }),
    on("api-event", "An event of this type was posted for the ticket, commit or pull request.", {
      options: { type: eventType.describe("The type of event, as `event_type` in what is posted.") },
      fields,
    }),
  ] as const;

const STATUS = key(names, "Names of statuses.");
const CATEGORY = key(z.enum(["to-do", "in-progress", "done"]), "A category of statuses, as the ticket system groups them.");
const VALUES = key(names, "The values that count. Without them any value does.");
const LABELS = key(names, "The labels that count. Without them any label does.");
const COMMENTS = key(z.boolean(), "Whether comments count as a reaction; false: submitted reviews only.", true);
const BRANCHES = key(globs, "Globs of the target branches. Without them the default branch counts.");
const WORKFLOWS = key(globs, "Globs of the names of workflows. Without them all workflows that ran have to be through.");
const CHECKS = key(globs, "Globs of the names of other apps' check suites, and of commit statuses.");
const CONCLUSION = key(z.enum(["success", "any"]), "Whether only successes count.", "success");
const PRERELEASES = key(z.boolean(), "Whether prereleases count.", false);

/** Every trigger with its narrowing options and the fields of what it stands in. */
export const triggerWith = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z.discriminatedUnion("on", [
    ...startTriggers(fields),
    on("ticket.status", "The ticket is in one of these statuses, or in one of the category.", {
      options: { status: STATUS, category: CATEGORY },
      fields,
    }),
    on("ticket.field", "A field of the ticket was set.", {
      options: { field: text.describe("The name of the field."), to: VALUES },
      fields,
    }),
    on("pull-request.labeled", "A label was added.", { options: { labels: LABELS }, fields }),
    on("pull-request.reviewed", "Another person reacted: a review, or a comment.", { options: { comments: COMMENTS }, fields }),
    on("pull-request.approved", "Another person approved.", { options: {}, fields }),
    on("pull-request.merged", "A pull request was merged.", { options: { branches: BRANCHES }, fields }),
    on("ci.completed", "CI of the merge commit was through.", {
      options: { workflows: WORKFLOWS, checks: CHECKS, conclusion: CONCLUSION },
      fields,
    }),
    on("release.published", "A GitHub release that contains the merge commit was published.", {
      options: { prereleases: PRERELEASES },
      fields,
    }),
    on("ticket.released", "A fix version of the ticket was released.", { options: {}, fields }),
  ]);

export const pick = key(
  z.enum(["first", "last"]),
  "Which of several such events counts. The default is first, except last for pull-request.merged.",
);
export const stageName = name.describe("The stage's name, once in a profile.");
