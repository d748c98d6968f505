import {
  type Document,
  isAlias,
  isNode,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLWarning,
} from "yaml";
import { type LocatedProblem, type Problem, problem } from "../core/configuration-problem.js";
import { type Locate, locator } from "./yaml-position.js";

export interface BoundedYaml {
  /** Null: the file is empty, or is no YAML. */
  readonly content: unknown;
  /** Why it is no YAML of ours; at most one. */
  readonly problems: readonly LocatedProblem[];
  /** Where something that is wrong with the content stands in the text. */
  readonly locate: Locate;
}

/** Some bytes of YAML can stand for very many, and the composer recurses: a deep file ends the process. So size, depth and pieces are bounded before. */
const LARGEST = 64 * 1024;
const DEEPEST = 32;
const MOST_PIECES = 10_000;
const MOST_ALIASES = 20;

/** Reads YAML that anybody may have written: at most 64 KiB, no duplicate keys, few aliases. An empty file is null. */
export function readBoundedYaml(bytes: Uint8Array): BoundedYaml {
  if (bytes.length > LARGEST) return noYaml({ expected: `at most ${LARGEST} bytes`, found: String(bytes.length) });
  const text = new TextDecoder().decode(bytes);
  const excess = excessIn(text);
  if (excess) return bad({ ...excess, expected: `at most ${DEEPEST} levels and ${MOST_PIECES} pieces of YAML`, found: "more" });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const placed = (offset: number, wrong: Wrong): BoundedYaml => {
    const { line, col } = lines.linePos(offset);
    return bad({ ...wrong, line, column: col });
  };
  const [error] = [...document.errors, ...document.warnings];
  if (error) return placed(error.pos[0], wrongOf(error, text));
  const loose = looseAlias(document);
  if (loose) return placed(loose.offset, loose);
  try {
    const content: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { content, problems: [], locate: locator({ document, lines, text }) };
  } catch {
    return placed(0, { expected: `aliases that stand for no more than ${MOST_ALIASES} values`, found: "more" });
  }
}

interface Wrong {
  readonly expected: string;
  readonly found: string;
  /** How many characters are to be marked. */
  readonly length?: number;
}

/** What is no YAML at all. */
export const noYaml = (wrong: Wrong): BoundedYaml => bad({ ...wrong, line: 1, column: 1 });

function bad({ line, column, length = 0, ...wrong }: Wrong & { readonly line: number; readonly column: number }): BoundedYaml {
  const path = `line ${line}, column ${column}`;
  const located = (of: Problem): LocatedProblem => ({ ...of, path, line, column, endColumn: column + length });
  return { content: null, problems: [located(problem([], wrong))], locate: located };
}

/** What is not there: nothing stands anywhere in it but at its beginning. */
export const NO_FILE: BoundedYaml = { ...noYaml({ expected: "a file", found: "none" }), problems: [] };

/** What the parser says has a code; for most of them its own words are the best. */
function wrongOf({ code, message, pos }: YAMLError | YAMLWarning, text: string): Wrong {
  switch (code) {
    case "DUPLICATE_KEY": {
      const key = keyAt(text, pos[0]);
      return { expected: "every key once", found: `${JSON.stringify(key)} again`, length: key.length };
    }
    case "TAG_RESOLVE_FAILED":
      return { expected: "no tags", found: "one that is none of YAML's own" };
    case "TAB_AS_INDENT":
      return { expected: "spaces", found: "a tab" };
    case "MULTIPLE_DOCS":
      return { expected: "one document", found: "another one" };
    default:
      return { expected: "YAML", found: `a mistake: ${message.split("\n")[0] ?? ""}` };
  }
}

const keyAt = (text: string, offset: number): string =>
  /^["']?([^"':,}\n]{0,40})/.exec(text.slice(offset, offset + 42))?.[1] ?? "";

/** The first alias of something that does not end before it. */
function looseAlias(document: Document.Parsed): (Wrong & { readonly offset: number }) | undefined {
  const anchors = new Set<string>();
  let loose: (Wrong & { readonly offset: number }) | undefined;
  visit(document, {
    Node: (_, node, path) => {
      if (!isAlias(node)) {
        if (node.anchor) anchors.add(node.anchor);
        return undefined;
      }
      const { source, range } = node;
      const around = path.some((above) => isNode(above) && !isAlias(above) && above.anchor === source);
      if (anchors.has(source) && !around) return undefined;
      const found = around ? "it around that" : "none";
      loose = { expected: `"&${source}" before "*${source}"`, found, offset: range?.[0] ?? 0, length: source.length + 1 };
      return visit.BREAK;
    },
  });
  return loose;
}

/** Where a text is too deep or has too many pieces. The parser's stack is as deep as the file is, token by token and without recursion. */
function excessIn(text: string): { readonly line: number; readonly column: number } | undefined {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  const here = () => {
    const { line, col } = lines.linePos(parser.offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  let pieces = 0;
  for (const lexeme of new Lexer().lex(text)) {
    pieces += 1;
    for (const _token of parser.next(lexeme)) if (pieces > MOST_PIECES) return here();
    if (pieces > MOST_PIECES || parser.stack.length > DEEPEST) return here();
  }
  return undefined;
}
