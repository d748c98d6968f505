/** As much of JSON Schema as the reference is made from. */
export interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema | readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Two tables: every key, and every trigger with its options. */
export function referenceOf(schema: Schema): string {
  const stages = stagesOf(schema);
  return [
    "### Keys",
    "",
    ...table(["key", "value", "without it", "what it says"], keyRows(schema, "", schema.properties?.dora)),
    "",
    "### Triggers",
    "",
    ...table(
      ["`on:`", "entered when", "options"],
      stages.map((trigger) => triggerRow(trigger, startsOf(schema))),
    ),
    "",
    "⏱: also as a start.",
    "",
    "### Options of triggers",
    "",
    ...table(["option", "of", "value", "without it", "what it says"], stages.flatMap(optionRows)),
    "",
  ].join("\n");
}

type Row = readonly string[];

const table = (head: Row, rows: readonly Row[]): string[] =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);

/** The keys of a mapping and of what stands in it. `dora` stands in profiles as well, and is told once. */
function keyRows(schema: Schema, prefix: string, dora: Schema | undefined): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, of]) => {
    const path = `${prefix}${key}`;
    const again = prefix !== "" && key === "dora";
    const row = [
      `\`${path}\``,
      again ? "as `dora`" : kindOf(of),
      presetOf(of, schema.required?.includes(key)),
      of.description ?? "",
    ];
    if (again) return [row];
    const { additionalProperties: entry, items } = of;
    const fields = Array.isArray(items) ? undefined : (items as Schema | undefined); // a list that is no tuple
    const common = fields?.oneOf
      ? { properties: commonOf(fields.oneOf), required: fields.oneOf[0]?.required ?? [] }
      : undefined;
    return [
      row,
      ...keyRows(of, `${path}.`, dora),
      ...(entry ? keyRows(entry, `${path}.NAME.`, dora) : []),
      ...(common ? keyRows(common, `${path}[].`, dora) : []),
    ];
  });
}

/** What all triggers have: the fields of the stage. */
function commonOf(triggers: readonly Schema[]): Record<string, Schema> {
  const all = triggers.map(({ properties = {} }) => properties);
  const shared = Object.entries(all[0] ?? {}).filter(([key]) => all.every((properties) => key in properties));
  return Object.fromEntries(
    shared.map(([key, of]) => [key, key === "on" ? { title: "trigger", description: "Which events enter it." } : of]),
  );
}

function kindOf(of: Schema): string {
  const { title, type, items } = of;
  const options = of.enum ?? (of.const === undefined ? undefined : [of.const]);
  if (title) return title;
  if (options) return options.map((one) => `\`${one}\``).join(", ");
  const either = of.anyOf ?? of.oneOf;
  if (either?.some(({ properties }) => properties?.on)) return "trigger";
  if (either) return [...new Set(either.map(kindOf))].filter(Boolean).join(", or ");
  if (type === "array")
    return Array.isArray(items)
      ? `three of ${kindOf(items[0] ?? {})}`
      : `list of ${kindOf((items as Schema | undefined) ?? {})}`;
  if (type === "boolean") return "`true`, `false`";
  return type === "string" ? "text" : "mapping";
}

const presetOf = ({ default: preset }: Schema, required = false): string => {
  if (required) return "required";
  return preset === undefined
    ? ""
    : `\`${typeof preset === "string" ? preset : JSON.stringify(preset).replaceAll('","', '", "')}\``;
};

const profileOf = (schema: Schema): Schema => {
  const entry = schema.properties?.profiles?.additionalProperties;
  if (!entry) throw new TypeError("the schema has no profiles");
  return entry;
};

function stagesOf(schema: Schema): readonly Schema[] {
  const items = profileOf(schema).properties?.stages?.items as Schema | undefined; // a list that is no tuple
  return items?.oneOf ?? [];
}

const startsOf = (schema: Schema): ReadonlySet<string> =>
  new Set((profileOf(schema).properties?.start?.anyOf ?? []).flatMap(({ oneOf = [] }) => oneOf.map(nameOf)));

const nameOf = ({ properties }: Schema): string => properties?.on?.const ?? "";

const STAGE_FIELDS = new Set(["on", "name", "pick", "ideal", "acceptable"]);
const optionsOf = ({ properties = {} }: Schema) => Object.entries(properties).filter(([key]) => !STAGE_FIELDS.has(key));

const triggerRow = (trigger: Schema, starts: ReadonlySet<string>): Row => [
  `\`${nameOf(trigger)}\`${starts.has(nameOf(trigger)) ? " ⏱" : ""}`,
  trigger.description ?? "",
  optionsOf(trigger)
    .map(([key]) => `\`${key}\``)
    .join(", "),
];

const optionRows = (trigger: Schema): Row[] =>
  optionsOf(trigger).map(([key, of]) => [
    `\`${key}\``,
    `\`${nameOf(trigger)}\``,
    kindOf(of),
    presetOf(of, trigger.required?.includes(key)),
    of.description ?? "",
  ]);
