import { clean } from "../render/markdown.js";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const LONGEST = 500;

/** Text from the world as HTML, in an element or a quoted attribute: one line, shown as text whatever it says. */
export const escaped = (value: string): string => clean(value, LONGEST).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
