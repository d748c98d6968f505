import { Lexer, LineCounter, Parser, parseDocument } from "yaml";

/** What is wrong in a file, and where: a key's path, or a line and column. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}
type Content = { readonly content: unknown; readonly problems: readonly Problem[] };

/** Some bytes of YAML can stand for very many, and the composer recurses: a deep file ends the process. So size, depth and pieces are bounded before. */
const LARGEST = 64 * 1024;
const DEEPEST = 32;
const MOST_PIECES = 20_000;
const MOST_ALIASES = 20;

/** Reads YAML that anybody may have written: at most 64 KiB, no duplicate keys, few aliases. An empty file is null. */
export function readBoundedYaml(bytes: Uint8Array): Content {
  if (bytes.length > LARGEST) return bad("", `expected at most ${LARGEST} bytes, found ${bytes.length}`);
  const text = new TextDecoder().decode(bytes);
  if (isExcessive(text)) return bad("", `expected at most ${DEEPEST} levels and ${MOST_PIECES} pieces of YAML, found more`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error) return bad(positionOf(lines, error.pos[0]), error.message);
  try {
    return { content: document.toJS({ maxAliasCount: MOST_ALIASES }), problems: [] };
  } catch {
    return bad("", `expected aliases that exist, and that stand for no more than ${MOST_ALIASES} values`);
  }
}

const bad = (path: string, message: string): Content => ({ content: null, problems: [{ path, message }] });

function positionOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

/** The parser's stack is as deep as the file is, token by token and without recursion. */
function isExcessive(text: string): boolean {
  const parser = new Parser();
  let pieces = 0;
  for (const lexeme of new Lexer().lex(text)) {
    pieces += 1;
    for (const _token of parser.next(lexeme)) if (pieces > MOST_PIECES) return true;
    if (pieces > MOST_PIECES || parser.stack.length > DEEPEST) return true;
  }
  return false;
}
