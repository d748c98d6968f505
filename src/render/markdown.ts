import { isLoopbackName } from "../core/loopback.js";

/** Text from the world in GitHub's Markdown: shown as text, whatever it says. */

/** Breaks what GitHub would link, mention or replace; nobody sees it. */
const BREAK = "\u200b";
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[\\d;?]*[a-z]`, "gi");
/** Format controls (bidi, zero-width, tags), halves of surrogate pairs, and letters that only look like space. */
const INVISIBLE = /[\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/** More than any field shows, and little enough to look at in no time. */
const MAX_READ = 10_000;

/**
 * One line of at most `max` characters, cut with `…`, without terminal, bidi and zero-width controls.
 * Fit for a terminal, not yet for Markdown.
 */
export function clean(value: string, max: number): string {
  const line = value
    .slice(0, MAX_READ)
    .replace(ANSI, "")
    .replace(INVISIBLE, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  const letters = Array.from(line);
  if (letters.length <= max) return line;
  const start = letters.slice(0, max - 1).join("");
  return `${start.trimEnd()}…`;
}

/**
 * What GitHub acts on in plain text, after Markdown is read: mentions and addresses, issue numbers, advisories,
 * web addresses, emoji names (some are images), commit hashes.
 */
const LIVE =
  /@|#(?=\d)|(?<![a-z\d])(?:gh|ghsa|cve)(?=-)|www(?=\.)|:(?=\/\/)|:(?=[\w+-]*[a-z_+-][\w+-]*:)|[\da-f]{6}(?=[\da-f])/giu;
const defuse = (line: string): string => line.replace(LIVE, `$&${BREAK}`);

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", '"': "&quot;" };

/** As Markdown that is safe in a paragraph, a table cell, a list item, a link's label; empty for what shows nothing. */
export function text(value: string, max: number): string {
  return defuse(clean(value, max))
    .replace(/[\\`*_~[\]#$<>&|]/g, (mark) => ENTITIES[mark] ?? `\\${mark}`)
    .replace(/^(?=[-+=])|(?<=^\d{1,9})(?=[.)])/, "\\");
}

/** As text inside HTML of ours, where Markdown is not read. */
export const html = (value: string, max: number): string =>
  defuse(clean(value, max)).replace(/[<>&|"]/g, (mark) => ENTITIES[mark] ?? mark);

/** As a code span, also in a table: backticks and pipes become lookalikes, for nothing in a span can be escaped. */
export function code(value: string, max: number): string {
  const line = clean(value, max).replaceAll("`", "ˋ").replaceAll("|", "¦").replaceAll("@", `@${BREAK}`);
  return line && `\`${line}\``;
}

const UNSAFE_IN_URL = /[()[\]|\\<>`@*_~'"\s]/g;
const MAX_URL = 2000;

/** The address as it may stand in a link; null unless it is https and without credentials. */
export function safeUrl(url: string | null): string | null {
  if (!url || !URL.canParse(url)) return null;
  const { protocol, hostname, username, password, href } = new URL(url);
  // On this machine nobody in between can change what is read there.
  const plain = protocol === "http:" && isLoopbackName(hostname);
  if ((protocol !== "https:" && !plain) || username || password || href.length > MAX_URL) return null;
  return href.replace(UNSAFE_IN_URL, percent).replaceAll("&", "&amp;");
}

const percent = (mark: string): string => `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** Safe Markdown as a link, or by itself when the address is none to link to. */
export function link(label: string, url: string | null): string {
  const safe = safeUrl(url);
  return safe && label ? `[${label}](${safe})` : label;
}

/** A row of a table. The cells are safe Markdown; one that is empty shows a dash. */
export const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell || "–").join(" | ")} |`;

/** Folded away; the summary is safe HTML, the body Markdown. */
export const folded = (summary: string, body: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`;
