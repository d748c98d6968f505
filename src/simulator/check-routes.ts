import { notFound, refuse } from "./github-access.js";
import { type GitHubRoute, ok, paged, type RepositoryRequest } from "./github-route.js";
import { type Annotation, type CheckRun, commitAt, commitNamed, repositoryNamed } from "./github-state.js";
import type { Answer } from "./http.js";
import { githubTime, type Json } from "./ids.js";
import type { Permission } from "./manifest.js";
import { repositoryApi, repositoryHtml } from "./repository-json.js";
import type { Site } from "./site.js";

const READ: readonly Permission[] = [["checks", "read"]];
const WRITE: readonly Permission[] = [["checks", "write"]];
const MOST_ANNOTATIONS = 50;
const LONGEST_TEXT = 65_535;
const STATUSES = ["queued", "in_progress", "completed"];
const CONCLUSIONS = ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"];
const LEVELS = ["notice", "warning", "failure"];

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const annotationsOf = (output: Fields): Annotation[] => (Array.isArray(output.annotations) ? output.annotations : []);

/** Why GitHub does not take this; undefined when it does. */
function refused(body: Fields): Answer | undefined {
  const output = fieldsOf(body.output);
  const wrong = [...wrongState(body), ...wrongOutput(body, output), ...annotationsOf(output).flatMap(wrongAnnotation)];
  return wrong.length > 0 ? refuse(422, "Invalid request.", { errors: wrong }) : undefined;
}

function wrongState({ status, conclusion }: Fields): string[] {
  return [
    ...(status === undefined || STATUSES.includes(String(status)) ? [] : [`status: ${status}`]),
    ...(conclusion === undefined || CONCLUSIONS.includes(String(conclusion)) ? [] : [`conclusion: ${conclusion}`]),
    ...(status === "completed" && conclusion === undefined ? ["a completed run needs a conclusion"] : []),
  ];
}

function wrongOutput({ output: given }: Fields, output: Fields): string[] {
  if (given === undefined) return [];
  return [
    ...(textOf(output.title) ? [] : ["output.title is missing"]),
    ...(textOf(output.summary) ? [] : ["output.summary is missing"]),
    ...((textOf(output.summary)?.length ?? 0) > LONGEST_TEXT ? ["output.summary is too long"] : []),
    ...(annotationsOf(output).length > MOST_ANNOTATIONS ? [`more than ${MOST_ANNOTATIONS} annotations in one request`] : []),
  ];
}

function wrongAnnotation(annotation: Annotation): string[] {
  const { path, start_line: start, end_line: end, annotation_level: level, message } = annotation;
  const { start_column: from, end_column: to } = annotation;
  const columns = [from, to].filter((column) => column !== undefined);
  return [
    ...(textOf(path) ? [] : ["annotation without path"]),
    ...(isPlace(start) && isPlace(end) && start <= end ? [] : [`lines ${start} to ${end}`]),
    ...(columns.every(isPlace) ? [] : [`columns ${from} to ${to}`]),
    ...(columns.length > 0 && start !== end ? ["columns of several lines"] : []),
    ...(isPlace(from) && isPlace(to) && from > to ? [`columns ${from} to ${to}`] : []),
    ...(LEVELS.includes(String(level)) ? [] : [`annotation_level: ${level}`]),
    ...(textOf(message) ? [] : ["annotation without message"]),
  ];
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

function createRun(request: RepositoryRequest): Answer {
  const { site, repository, call } = request;
  const commit = commitAt(repository, String(call.body.head_sha));
  const name = textOf(call.body.name);
  if (!commit || !name) return refuse(422, commit ? "name is missing" : `No commit found for SHA: ${call.body.head_sha}`);
  const wrong = refused(call.body);
  if (wrong) return wrong;
  const run: CheckRun = {
    ...{ id: site.state.nextWrittenId(), name, sha: commit.sha, startedAt: site.now(), annotations: [] },
    ...{ externalId: null, status: "queued", conclusion: null, completedAt: null, title: null, summary: null },
  };
  repository.checkRuns.set(run.id, run);
  change(site, run, call.body);
  return ok(runJson(request, run), 201);
}

function updateRun(request: RepositoryRequest): Answer {
  const run = request.repository.checkRuns.get(Number(request.parameters.id));
  if (!run) return notFound();
  const wrong = refused(request.call.body);
  if (wrong) return wrong;
  change(request.site, run, request.call.body);
  return ok(runJson(request, run));
}

/** What is not given stays; annotations are added to those that there are. */
function change(site: Site, run: CheckRun, body: Fields): void {
  const output = fieldsOf(body.output);
  run.externalId = textOf(body.external_id) ?? run.externalId;
  run.title = textOf(output.title) ?? run.title;
  run.summary = textOf(output.summary) ?? run.summary;
  run.annotations.push(...annotationsOf(output));
  run.conclusion = textOf(body.conclusion) ?? run.conclusion;
  run.status = body.conclusion === undefined ? (textOf(body.status) ?? run.status) : "completed";
  if (run.status === "completed") run.completedAt ??= site.now();
}

const runJson = ({ site, repository }: RepositoryRequest, run: CheckRun): Json => ({
  id: run.id,
  name: run.name,
  head_sha: run.sha,
  external_id: run.externalId ?? "",
  url: `${repositoryApi(site.addresses, repository)}/check-runs/${run.id}`,
  html_url: `${repositoryHtml(site.addresses, repository)}/runs/${run.id}`,
  status: run.status,
  conclusion: run.conclusion,
  started_at: githubTime(run.startedAt),
  completed_at: run.completedAt === null ? null : githubTime(run.completedAt),
  output: { title: run.title, summary: run.summary, text: null, annotations_count: run.annotations.length },
  app: { id: site.state.app.id, slug: site.state.app.slug },
});

/** Newest first; of each name only the latest, unless all are asked for. */
function listRuns(request: RepositoryRequest): Answer {
  const { site, repository, parameters, call } = request;
  const commit = commitAt(repository, parameters.ref ?? "");
  if (!commit) return refuse(422, `No commit found for SHA: ${parameters.ref}`);
  const name = call.query.get("check_name");
  const app = call.query.get("app_id");
  const found = [...repository.checkRuns.values()]
    .filter((run) => run.sha === commit.sha && (name === null || run.name === name))
    .filter(() => app === null || app === String(site.state.app.id))
    .reverse();
  const latest = found.filter((run, index) => found.findIndex((other) => other.name === run.name) === index);
  const shown = call.query.get("filter") === "all" ? found : latest;
  return paged(
    call,
    shown.map((run) => runJson(request, run)),
    (page) => ({ total_count: shown.length, check_runs: page }),
  );
}

function listAnnotations({ repository, parameters, call }: RepositoryRequest): Answer {
  const run = repository.checkRuns.get(Number(parameters.id));
  return run ? paged(call, run.annotations) : notFound();
}

const RUNS = "/repos/:owner/:repo/check-runs";

/** The App's check runs. */
export const checkRoutes: readonly GitHubRoute[] = [
  { method: "GET", path: "/repos/:owner/:repo/commits/:ref/check-runs", as: "repository", needs: READ, answer: listRuns },
  { method: "GET", path: `${RUNS}/:id/annotations`, as: "repository", needs: READ, answer: listAnnotations },
  { method: "POST", path: RUNS, as: "repository", needs: WRITE, answer: createRun },
  { method: "PATCH", path: `${RUNS}/:id`, as: "repository", needs: WRITE, answer: updateRun },
];

/** The check runs on the commit that a branch, a tag or a sha names, the oldest first. */
export function checkRunsOf({ state }: Site, deed: { readonly repository: string; readonly ref: string }): CheckRun[] {
  const repository = repositoryNamed(state, deed.repository);
  const { sha } = commitNamed(repository, deed.ref);
  return [...repository.checkRuns.values()].filter((run) => run.sha === sha);
}
