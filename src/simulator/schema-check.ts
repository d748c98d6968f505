import { createRequire } from "node:module";

/** Throws when a payload is not what GitHub's published webhook schemas describe. */
export type PayloadCheck = (event: string, payload: Readonly<Record<string, unknown>>) => void;

interface JsonSchema {
  readonly definitions: Record<string, unknown>;
}
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string; readonly params: unknown }[] | null;
}
interface Ajv {
  addSchema(schema: unknown, key: string): unknown;
  compile(schema: unknown): Validator;
}
type AjvClass = new (options: object) => Ajv;

let loading: Promise<PayloadCheck | undefined> | undefined;
/** The check, or undefined where the development packages it needs are not installed. Loaded once: it takes seconds. */
export function loadPayloadCheck(): Promise<PayloadCheck | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<PayloadCheck | undefined> {
  const require = createRequire(import.meta.url);
  try {
    const { Ajv }: { Ajv: AjvClass } = require("ajv");
    const addFormats: { default(ajv: Ajv): void } = require("ajv-formats");
    const schema: JsonSchema = structuredClone(require("@octokit/webhooks-schemas"));
    for (const [path, real] of AS_IN_REALITY) replaceAt(schema.definitions, path, real);
    const ajv = new Ajv({ strict: false, validateSchema: false, inlineRefs: false });
    addFormats.default(ajv);
    ajv.addSchema(schema, "github");
    return createCheck(ajv, schema);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function createCheck(ajv: Ajv, { definitions }: JsonSchema): PayloadCheck {
  const validators = new Map<string, Validator>();
  return (event, payload) => {
    const name = `${event}$${payload.action ?? "event"}`;
    if (!(name in definitions)) throw new Error(`GitHub's published schemas know no ${name}`);
    const validate = validators.get(name) ?? ajv.compile({ $ref: `github#/definitions/${name.replace("$", "%24")}` });
    validators.set(name, validate);
    if (validate(payload)) return;
    const [first] = validate.errors ?? [];
    throw new Error(`${name}: ${first?.instancePath} ${first?.message} ${JSON.stringify(first?.params)}`);
  };
}

/** Where the published schemas are stricter than GitHub is: their list of events lags behind, and organisations transfer too. */
const AS_IN_REALITY: readonly (readonly [path: readonly string[], schema: object])[] = [
  [["installation", "properties", "events", "items"], { type: "string" }],
  [["app", "properties", "events", "items"], { type: "string" }],
  [["repository$transferred", "properties", "changes", "properties", "owner", "properties", "from"], { type: "object" }],
];

function replaceAt(definitions: Record<string, unknown>, path: readonly string[], real: object): void {
  let at = definitions;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>; // the paths above lead through objects
  at[path.at(-1) ?? ""] = real;
}
