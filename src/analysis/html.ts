import { formatMinute } from "../core/time.js";
import { safeUrl } from "../render/markdown.js";
import type { Analysis, Slow } from "./analysis.js";
import { trendChart } from "./chart.js";
import { escaped } from "./escape.js";
import { leadTimeFigures, type MonthFigures, monthsOf, ticketFigures, waitingOf } from "./figures.js";
import { counted, limitsOf } from "./limits.js";
import { STYLE } from "./style.js";
import * as words from "./words.js";

/** What the chart has room for. */
const MOST_MONTHS = 24;
const MOST_MISSES = 10;

/** The analysis as one page that loads nothing, runs nothing and shows every text as text. */
export function analysisPage(analysis: Analysis): string {
  const { clone, changes, now } = analysis;
  const name = escaped(clone.name);
  const body =
    changes.length === 0 ? [] : [tiles(analysis), stages(analysis), trend(analysis), slowest(analysis), tickets(analysis)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lead time of ${name}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Lead time of ${linked(name, clone.url)}</h1>
<p class="soft">${escaped(words.changesWords(analysis))}</p>
<p class="soft">Branch <code>${escaped(clone.branch)}</code> at <code>${clone.head.slice(0, 7)}</code>, ${counted(analysis.commits, "commit")} and ${counted(clone.tags.length, "tag")} read, ${formatMinute(now)} UTC</p>
${body.join("\n")}
${section(
  "What these figures do not tell",
  `<ul>${limitsOf(analysis)
    .map((limit) => `<li>${escaped(limit)}</li>`)
    .join("")}</ul>`,
)}
</main>
</body>
</html>
`;
}

const section = (title: string, content: string): string => `<section>\n<h2>${title}</h2>\n${content}\n</section>`;

/** `label`: HTML already. */
function linked(label: string, url: string | null): string {
  const safe = safeUrl(url);
  return safe ? `<a href="${safe}">${label}</a>` : label;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("")}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`)
    .join("")}</tbody></table>`;

function tiles(analysis: Analysis): string {
  const { stages, total } = leadTimeFigures(analysis.changes, analysis.clone);
  const found = ticketFigures(analysis.changes);
  const tile = (figure: string, what: string) => `<div><b>${escaped(figure)}</b><small>${escaped(what)}</small></div>`;
  const medians = stages.map(({ name, statistics }) =>
    tile(
      words.durationWords(statistics?.median),
      `${name === "Merge" ? "first commit to merge" : "merge to first tag"}, median of ${statistics?.count ?? 0}`,
    ),
  );
  const share = tile(
    words.shareWords(found.withTicket, found.changes),
    `of ${counted(found.changes, "pull request")} name a ticket`,
  );
  return `<div class="tiles">${tile(words.durationWords(total.sumOfStages?.median), "lead time, the medians together")}${medians.join("")}${share}</div>`;
}

function stages(analysis: Analysis): string {
  const waiting = waitingOf(analysis);
  const oldest = waiting[0];
  const note = oldest
    ? `<p class="soft">${counted(waiting.length, "merge waits", "merges wait")} for a tag, the oldest since ${formatMinute(oldest.mergedAt)} UTC.</p>`
    : "";
  return section("By stage", `${table(words.STAGE_HEAD, words.stageRows(analysis))}${note}`);
}

function trend({ changes, clone }: Analysis): string {
  const months = monthsOf(changes, clone).slice(-MOST_MONTHS);
  const row = ({ month, stages, changes: merged, withTicket }: MonthFigures) => [
    ...[month, String(merged), words.shareWords(withTicket, merged)],
    ...stages.map(({ statistics }) => words.durationWords(statistics?.median)),
  ];
  const key = `<p class="soft">Medians:<span class="key"></span>first commit to merge<span class="key second"></span>merge to first tag</p>`;
  const head = ["MONTH", "MERGED", "TICKETS", "TO MERGE", "TO TAG"];
  return section("By month of the merge", `${trendChart(months)}${key}${table(head, months.map(row).reverse())}`);
}

function slowest({ slowest: found, clone }: Analysis): string {
  if (found.length === 0) return "";
  const page = (path: string) => (clone.url ? `${clone.url}/${path}` : null);
  const item = ({ change, commits }: Slow) => {
    const shown = commits.slice(0, words.MOST_COMMITS).map((commit) => {
      const [sha = "", ...rest] = words.commitWords(commit).split(" ");
      return `<li>${linked(`<code>${sha}</code>`, page(`commit/${commit.sha}`))} ${escaped(rest.join(" "))}</li>`;
    });
    const more = words.moreCommits(commits.length);
    const list = `<ul>${shown.join("")}${more ? `<li class="soft">${more}</li>` : ""}</ul>`;
    const title = linked(escaped(words.titleWords(change)), page(`pull/${change.number}`));
    return `<details><summary><b>${words.totalWords(change)}</b> ${title}<br><small>${escaped(words.courseWords(change))}</small></summary>${list}</details>`;
  };
  return section("Slowest, from the first commit on", found.map(item).join(""));
}

function tickets({ changes, nearMisses }: Analysis): string {
  const misses = nearMisses
    .slice(0, MOST_MISSES)
    .map(({ reason, count, keys }) => `<li>${count}× ${escaped(reason)}: ${escaped(keys.join(", "))}</li>`);
  return section(
    "Tickets",
    `<p>${escaped(words.ticketWords(ticketFigures(changes)))}.</p>${misses.length > 0 ? `<ul class="soft">${misses.join("")}</ul>` : ""}`,
  );
}
