import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import type { LocatedProblem, Position, Problem } from "../core/configuration-problem.js";

export type Locate = (problem: Problem) => LocatedProblem;

interface Parsed {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly text: string;
}

/** Where the problems of a document's content stand in its text. */
export function locator(parsed: Parsed): Locate {
  return (problem) => ({ ...problem, ...positionOf(markedBy(problem, parsed.document), parsed) });
}

interface Place {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** The key or the value that a problem is about; of what is not there, what it is missing in. */
function markedBy({ steps, marks }: Problem, document: Document.Parsed): Node | null {
  let place: Place = { key: null, value: document.contents };
  for (const [index, step] of steps.entries()) {
    const next = under(place.value, step, document);
    if (!next) return index === 0 ? null : (place.key ?? place.value);
    place = next;
  }
  return (marks === "key" || isNothing(place.value) ? place.key : place.value) ?? place.value;
}

function under(value: Node | null, step: string | number, document: Document.Parsed): Place | undefined {
  const node = isAlias(value) ? (value.resolve(document) ?? null) : value;
  if (isSeq(node))
    return typeof step === "number" && step < node.items.length ? { key: null, value: nodeOf(node.items[step]) } : undefined;
  const pair = isMap(node) ? node.items.find(({ key }) => nameOf(key) === String(step)) : undefined;
  return pair && { key: nodeOf(pair.key), value: nodeOf(pair.value) };
}

const nodeOf = (item: unknown): Node | null => (isNode(item) ? item : null);
/** A key that is no text becomes one in the content. */
const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value ?? "") : String(key));
const isNothing = (value: Node | null): boolean => value === null || (isScalar(value) && value.value === null);

/** As far as the first line of it goes: that is what can be marked. */
function positionOf(node: Node | null, { lines, text }: Parsed): Position {
  const [start, end] = node?.range ?? [0, 0];
  const { line, col } = lines.linePos(start);
  const written = /^[^\r\n]*/.exec(text.slice(start, end))?.[0].trimEnd() ?? "";
  return { line: Math.max(1, line), column: Math.max(1, col), endColumn: Math.max(1, col) + written.length };
}
