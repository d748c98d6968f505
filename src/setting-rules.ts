import { createPrivateKey } from "node:crypto";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { isLoopbackName } from "./core/loopback.js";

type Parsed<T> = { readonly value: T } | { readonly wrong: string };

/** What a variable may hold. `wrong` and `expected` go into one line behind its name, and never contain its value. */
export interface Rule<T> {
  readonly expected: string;
  parse(text: string): Parsed<T>;
}

const good = <T>(value: T): Parsed<T> => ({ value });
const bad = (wrong: string): Parsed<never> => ({ wrong });

const rule = <T>(expected: string, parse: (text: string) => Parsed<T>): Rule<T> => ({
  expected,
  parse: (text) => parse(text.trim()),
});

export const ANY: Rule<string> = rule("some text", good);

export const wholeNumber = (least: number, most: number): Rule<number> =>
  rule(`a whole number from ${least} to ${most}`, (text) => {
    if (!/^\d{1,16}$/.test(text)) return bad("is not a whole number");
    const value = Number(text);
    return value >= least && value <= most ? good(value) : bad("is out of range");
  });

export const oneOf = <T extends string>(values: readonly T[]): Rule<T> =>
  rule(`one of ${values.join(", ")}`, (text) => {
    const value = values.find((candidate) => candidate === text.toLowerCase());
    return value === undefined ? bad("is none of the known values") : good(value);
  });

const MALFORMED = bad("is malformed");
const matching = (expected: string, pattern: RegExp): Rule<string> =>
  rule(expected, (text) => (pattern.test(text) ? good(text) : MALFORMED));

const NAME = String.raw`[a-z\d](?:[a-z\d._-]*[a-z\d])?\.?`;
const HOST_PATTERN = new RegExp(`^${NAME}$`, "i");

export const HOST_NAME: Rule<string> = rule("a name or IP address to listen on, such as localhost or 0.0.0.0", (text) =>
  isIP(text) > 0 || HOST_PATTERN.test(text) ? good(text) : MALFORMED,
);
export const HOST_AND_PORT = matching(
  "a host, perhaps with a port, without https:// and path",
  new RegExp(String.raw`^(?:${NAME}|\[[\da-f:.]+\])(?::\d{1,5})?$`, "i"),
);

const parseUrl = (text: string): URL | undefined =>
  /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;

export const WEB_ADDRESS: Rule<string> = rule("an address that begins with https:// or http://", (text) =>
  parseUrl(text) ? good(text) : MALFORMED,
);

function parseSite(text: string): Parsed<URL> {
  const url = parseUrl(text);
  if (!url) return MALFORMED;
  if (url.username || url.password) return bad("contains a user name or password");
  return url.search || url.hash ? bad("contains more than a site's address") : good(url);
}
const siteOf = (url: URL): string => `${url.origin}${url.pathname}`.replace(/\/$/, "");

/** A site's address; without a slash at its end. */
export const SITE: Rule<string> = rule("an address such as https://leadtime.example.com", (text) => {
  const parsed = parseSite(text);
  return "wrong" in parsed ? parsed : good(siteOf(parsed.value));
});

/** As `SITE`. Credentials are sent there, so never in the clear over a network. */
export const JIRA_SITE: Rule<string> = rule("an address such as https://example.atlassian.net", (text) => {
  const parsed = parseSite(text);
  if ("wrong" in parsed) return parsed;
  const { protocol, hostname } = parsed.value;
  if (protocol !== "https:" && !isLoopbackName(hostname)) return bad("is not https, which only a loopback address may be");
  return good(siteOf(parsed.value));
});

export const DATABASE: Rule<string> = rule("sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE", (text) => {
  const postgres = /^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text);
  return postgres || /^sqlite:./.test(text) ? good(text) : MALFORMED;
});

/** A list of GitHub accounts' logins, in lower case. */
export const LOGINS: Rule<string[]> = rule("GitHub accounts' names, with commas between them", (text) => {
  const logins = text.split(",").map((login) => login.trim().toLowerCase());
  return logins.every((login) => /^[a-z\d][a-z\d_-]{0,99}$/.test(login)) ? good(logins) : MALFORMED;
});

/** A secret that cannot be guessed. Its bytes are a key, so nothing is trimmed. */
export const STRONG: Rule<string> = {
  expected: "at least 16 random bytes, such as the output of: openssl rand -hex 32",
  parse(text) {
    if (text.trim().toLowerCase() === "development") return bad("is a secret that everybody knows");
    return Buffer.byteLength(text) < 16 ? bad("is shorter than 16 bytes") : good(text);
  },
};

/** Why a file cannot be used, by the system's code: its message would repeat the path. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
}

/** The absolute path of a file that can be read. */
export const READABLE_FILE: Rule<string> = rule("the path of a file that can be read", (text) => {
  const path = resolve(text);
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    return bad(`names a file that cannot be read (${codeOf(error)})`);
  }
  return statSync(path).isFile() ? good(path) : bad("names something that is not a file");
});

const PEM = /-----BEGIN ([A-Z ]+)-----([A-Za-z\d+/=\s]+)-----END \1-----/;

/** Reads a key with real, escaped or lost line ends, or all of it in base64. Gives PKCS #8 in PEM, which every reader takes. */
function parsePrivateKey(text: string): Parsed<string> {
  const plain = text.includes("-----BEGIN") ? text : Buffer.from(text, "base64").toString();
  const [, label, body = ""] = PEM.exec(plain.replaceAll("\\r", "").replaceAll("\\n", "\n")) ?? [];
  if (!label) return bad("is not a key in PEM format");
  const lines = body.replace(/\s+/g, "").match(/.{1,64}/g) ?? [];
  try {
    const key = createPrivateKey(`-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`);
    if (key.asymmetricKeyType !== "rsa") return bad("is not an RSA key");
    return good(key.export({ type: "pkcs8", format: "pem" }).toString());
  } catch {
    return bad("cannot be read as a private key");
  }
}

export const PRIVATE_KEY: Rule<string> = rule(
  "the App's RSA private key: PEM, with line ends or \\n, or its base64; or PRIVATE_KEY_PATH, the path of its file",
  parsePrivateKey,
);

export const PRIVATE_KEY_FILE: Rule<string> = rule("the path of the .pem file that GitHub gave for the App", (text) => {
  const file = READABLE_FILE.parse(text);
  return "wrong" in file ? file : parsePrivateKey(readFileSync(file.value, "utf8"));
});
