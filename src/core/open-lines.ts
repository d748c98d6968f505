/** What the line that is looked at stands in. */
type Block =
  /** Fenced code. `indent`: of the list item that it belongs to; a line with less of it ends both. */
  | { readonly kind: "fence"; readonly fence: string; readonly indent: number }
  /** An HTML comment, or HTML in which no Markdown is read. `blank`: whether an empty line ends it as well. */
  | { readonly kind: "html"; readonly end: string; readonly blank: boolean };

interface Reading {
  block: Block | null;
  /** Whether a quote's text may go on in a line without its mark; its own fenced code may not. */
  quote: { readonly text: boolean; readonly fence: Block | null } | null;
}

const FENCE = /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)]) +)*)(`{3,}|~{3,})([^\n]*)$/;
const QUOTE = /^ {0,3}>/;
const QUOTE_MARKS = /^(?: {0,3}> ?)+/;
/** What begins something of its own, and so is no text that goes on. */
const BEGINS = /^ {0,3}(?:#{1,6}(?:\s|$)|[-*+] |\d{1,9}[.)] |(?:[-*_] *){3,}$|<)/;
const RAW_HTML = /^ {0,3}<(pre|script|style|textarea)(?=[\s>]|$)/i;
const COMMENT = "<!--";
const COMMENT_END = "-->";

/**
 * The lines of a Markdown text that stand in the open: outside quotes, fenced code and HTML comments; of a line in which a
 * comment begins, what stands before it. Which lines are indented code, their beginnings tell. Takes time in proportion to the text.
 */
export function openLines(text: string): string[] {
  const reading: Reading = { block: null, quote: null };
  return text.split(/\r\n|\n|\r/).flatMap((line) => openPart(line, reading) ?? []);
}

function openPart(line: string, reading: Reading): string | null {
  if (reading.block && goesOn(reading.block, line, reading)) return null;
  if (isQuoted(line, reading)) return null;
  reading.block = fenceIn(line) ?? rawHtmlIn(line);
  if (reading.block) return null;
  const comment = outsideSpans(line).indexOf(COMMENT);
  if (comment < 0) return line;
  reading.block = commentAfter(line, comment);
  return line.slice(0, comment);
}

/** Whether the line still belongs to the block; the line that ends it does. */
function goesOn(block: Block, line: string, reading: Reading): boolean {
  if (block.kind === "fence") {
    const left = !isBlank(line) && indentOf(line) < block.indent;
    if (left || closes(line, block.fence)) reading.block = null;
    return !left;
  }
  const isComment = block.end === COMMENT_END;
  const end = (isComment ? line : line.toLowerCase()).indexOf(block.end);
  if (end >= 0) reading.block = isComment ? commentAfter(line, line.indexOf(COMMENT, end)) : null;
  else if (block.blank && isBlank(line)) reading.block = null;
  return true;
}

const isBlank = (line: string): boolean => line.trim() === "";
const indentOf = (line: string): number => line.length - line.trimStart().length;

function closes(line: string, fence: string): boolean {
  const mark = line.trim();
  return mark.length >= fence.length && mark === (fence[0] ?? "").repeat(mark.length);
}

function fenceIn(line: string): Block | null {
  const [, before = "", fence = "", info = ""] = FENCE.exec(line) ?? [];
  if (fence === "" || (fence.startsWith("`") && info.includes("`"))) return null;
  return { kind: "fence", fence, indent: before.trim() === "" ? 0 : before.length };
}

function rawHtmlIn(line: string): Block | null {
  const [, tag = ""] = RAW_HTML.exec(line) ?? [];
  const end = `</${tag.toLowerCase()}>`;
  return tag === "" || line.toLowerCase().includes(end) ? null : { kind: "html", end, blank: false };
}

/** The comment that is still open at the line's end, if any; `from`: where one begins, or less. */
function commentAfter(line: string, from: number): Block | null {
  for (let start = from; start >= 0; ) {
    const end = line.indexOf(COMMENT_END, start + COMMENT.length);
    // In the middle of a paragraph, an empty line shows that it was none.
    if (end < 0) return { kind: "html", end: COMMENT_END, blank: line.slice(0, start).trim() !== "" };
    start = line.indexOf(COMMENT, end);
  }
  return null;
}

/** A quote's text goes on in lines without its mark until something else begins. */
function isQuoted(line: string, reading: Reading): boolean {
  if (QUOTE.test(line)) {
    reading.quote = quoted(line.replace(QUOTE_MARKS, ""), reading.quote?.fence ?? null);
    return true;
  }
  const isText = !isBlank(line) && !BEGINS.test(line) && fenceIn(line) === null;
  if (!(reading.quote?.text && isText)) reading.quote = null;
  return reading.quote !== null;
}

function quoted(line: string, fence: Block | null): Reading["quote"] {
  if (fence?.kind === "fence") return { text: false, fence: closes(line, fence.fence) ? null : fence };
  const opened = fenceIn(line);
  return { text: !opened && !isBlank(line) && !BEGINS.test(line), fence: opened };
}

/** The line with the insides of its code spans blanked, each character in its place. */
function outsideSpans(line: string): string {
  const ticks = [...line.matchAll(/`+/g)].map(({ 0: { length }, index }) => ({ length, index }));
  const unmatched = new Set<number>();
  let shown = "";
  let at = 0;
  for (let open = 0; open < ticks.length; open++) {
    const { length = 0, index = 0 } = ticks[open] ?? {};
    const close = unmatched.has(length) ? -1 : nextOf(ticks, length, open + 1);
    if (close < 0) {
      unmatched.add(length); // lest the rest of the line be searched again
      continue;
    }
    const end = (ticks[close]?.index ?? 0) + length;
    shown += line.slice(at, index) + " ".repeat(end - index);
    at = end;
    open = close;
  }
  return shown + line.slice(at);
}

function nextOf(ticks: readonly { readonly length: number }[], length: number, from: number): number {
  for (let at = from; at < ticks.length; at++) if (ticks[at]?.length === length) return at;
  return -1;
}
