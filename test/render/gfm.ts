import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

/** What GitHub would act on in text. */
export const LIVE = /@[a-z\d]|#\d|\bgh-\d|\bghsa-|https?:\/\/|ftp:\/\/|\bwww\.|:[a-z]+:|[\da-f]{7}/i;

/** A comment as a real parser of GitHub's Markdown sees it. */
export interface Seen {
  readonly html: readonly string[];
  readonly links: readonly string[];
  /** The text that GitHub looks for mentions in: neither code nor HTML of ours. */
  readonly text: string;
  readonly code: readonly string[];
  /** The cells' texts, row by row, the header first. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** How many nodes there are of each type. */
  readonly counts: Readonly<Record<string, number>>;
}

export const parse = (markdown: string): Root =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

export function see(markdown: string): Seen {
  const nodes = all(parse(markdown));
  const counts: Record<string, number> = {};
  for (const { type } of nodes) counts[type] = (counts[type] ?? 0) + 1;
  return {
    html: nodes.flatMap((node) => (node.type === "html" ? [node.value] : [])),
    links: nodes.flatMap((node) => (node.type === "link" ? [node.url] : [])),
    text: nodes.flatMap((node) => (node.type === "text" ? [node.value] : [])).join("\n"),
    code: nodes.flatMap((node) => (node.type === "code" ? [node.value] : [])),
    tables: nodes.flatMap((node) => (node.type === "table" ? [node.children.map((row) => row.children.map(textOf))] : [])),
    counts,
  };
}

const all = (node: Nodes): Nodes[] => [node, ...("children" in node ? node.children.flatMap(all) : [])];

const textOf = (node: Nodes): string => {
  if ("children" in node) return node.children.map(textOf).join("");
  return "value" in node ? node.value : "";
};
