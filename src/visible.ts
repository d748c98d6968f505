/** What moves the cursor, colours, hides, or turns the direction of text: in a terminal or a log it could forge lines. */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text on one line, in which what would not be seen stands as its code: `\u001b`, or with another beginning of codes. */
export const visible = (text: string, begin = "\\u"): string =>
  text
    .replace(/\s*[\r\n]\s*/g, " ")
    .replace(DECEPTIVE, (character) => begin + character.charCodeAt(0).toString(16).padStart(4, "0"));
