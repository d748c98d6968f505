import { escaped } from "./escape.js";
import type { MonthFigures } from "./figures.js";
import { durationWords } from "./words.js";

const WIDTH = 900;
const HEIGHT = 240;
const FOOT = 28;
const HEAD = 24;

/** The medians month by month as stacked bars. The table beside it carries every figure: this only repeats them. */
export function trendChart(months: readonly MonthFigures[]): string {
  const tallest = Math.max(1, ...months.map((month) => sum(medians(month))));
  const step = WIDTH / Math.max(1, months.length);
  const bars = months.map((month, index) => bar(month, { left: index * step, step, tallest }));
  const label = `Median lead time by month, ${months.length} months, the tallest ${durationWords(tallest)}`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${bars.join("")}<line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT - FOOT}" y2="${HEIGHT - FOOT}"/></svg>`;
}

const medians = ({ stages }: MonthFigures): number[] => stages.map(({ statistics }) => statistics?.median ?? 0);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

interface Place {
  readonly left: number;
  readonly step: number;
  readonly tallest: number;
}

function bar(month: MonthFigures, { left, step, tallest }: Place): string {
  const middle = (left + step / 2).toFixed(1);
  const total = sum(medians(month));
  let top = HEIGHT - FOOT;
  const parts = medians(month).map((median, index) => {
    const height = ((HEIGHT - FOOT - HEAD) * median) / tallest;
    top -= height;
    return `<rect class="stage-${index}" x="${(left + step * 0.15).toFixed(1)}" y="${top.toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  const said = `${month.month}: ${durationWords(total)}, ${month.changes} merged`;
  const above =
    step < 44 || total === 0
      ? ""
      : `<text x="${middle}" y="${(top - 6).toFixed(1)}">${escaped(durationWords(total).split(" ")[0] ?? "")}</text>`;
  return `<g><title>${escaped(said)}</title>${parts.join("")}${above}<text x="${middle}" y="${HEIGHT - 8}">${escaped(step < 44 ? month.month.slice(2) : month.month)}</text></g>`;
}
