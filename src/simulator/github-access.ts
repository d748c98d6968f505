import { createHash, verify } from "node:crypto";
import type { GitHubState, Installation } from "./github-state.js";
import type { Answer, Call } from "./http.js";

/** GitHub's error answers. */
export const refuse = (status: number, message: string, more: object = {}): Answer => ({
  status,
  body: { message, documentation_url: "https://docs.github.com/rest", status: String(status), ...more },
});
export const notFound = (): Answer => refuse(404, "Not Found");

const TEN_MINUTES = 600;
const HOUR = 3_600_000;
const credential = ({ headers }: Call): string => (headers.authorization ?? "").replace(/^(bearer|token)\s+/i, "");

/** Why the JSON web token of the App is refused; undefined when it is good. */
export function refuseApp({ app }: GitHubState, call: Call, now: number): Answer | undefined {
  const [header = "", claims = "", signature = ""] = credential(call).split(".");
  if (!signature) return refuse(401, "A JSON web token could not be decoded");
  const signed = Buffer.from(`${header}.${claims}`);
  if (algorithmOf(header) !== "RS256" || !verify("RSA-SHA256", signed, app.publicKey, Buffer.from(signature, "base64url")))
    return refuse(401, "A JSON web token could not be decoded");
  const { iss, exp, iat } = decode(claims);
  const seconds = now / 1000;
  if (String(iss) !== String(app.id)) return refuse(404, "Integration not found");
  if (typeof exp !== "number" || exp <= seconds)
    return refuse(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp > seconds + TEN_MINUTES + 60) return refuse(401, "'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== "number" || iat > seconds + 60)
    return refuse(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  return undefined;
}

const algorithmOf = (header: string): unknown => decode(header).alg;
function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(Buffer.from(part, "base64url").toString()) };
  } catch {
    return {};
  }
}

/** A new access token, good for an hour. */
export function openToken(state: GitHubState, installation: number, now: number): { token: string; expiresAt: number } {
  const token = `ghs_${createHash("sha256").update(`${installation} ${state.tokens.size} ${now}`).digest("hex").slice(0, 36)}`;
  const expiresAt = now + HOUR;
  state.tokens.set(token, { installation, expiresAt });
  return { token, expiresAt };
}

/** The installation whose token the call carries, or why it is refused. */
export function installationOf(state: GitHubState, call: Call, now: number): Installation | Answer {
  const token = credential(call);
  if (token === "") return refuse(401, "Requires authentication");
  const known = state.tokens.get(token);
  const installation = state.installations.get(known?.installation ?? 0);
  if (!known || !installation || installation.deleted || known.expiresAt <= now) return refuse(401, "Bad credentials");
  if (installation.suspended !== null) return refuse(403, "This installation has been suspended");
  return installation;
}
