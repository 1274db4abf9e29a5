import { z } from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a procedure takes, for people: its fields with `?` where they may be left out, their kind, range and default. */
export function inputText(input: z.ZodType): string {
  const schema = z.toJSONSchema(input, {
    io: "input",
    // A refinement says in its message what JSON Schema cannot.
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
    },
  });
  return fieldsText(schema);
}

function fieldsText({ properties = {}, required = [] }: JsonSchema): string {
  return Object.entries(properties)
    .map(([name, field]) => {
      const { default: preset, ...rest } = field as JsonSchema;
      const standard = isEmpty(preset) ? "" : ` = ${JSON.stringify(preset)}`;
      return `\`${name}${required.includes(name) ? "" : "?"}\` ${kindText(rest)}${standard}`;
    })
    .join(", ");
}

/** null, "", [], and objects of nothing else: what anybody takes for left out. */
const isEmpty = (preset: unknown): boolean =>
  preset === undefined || preset === null || preset === "" || (typeof preset === "object" && Object.values(preset).every(isEmpty));

function kindText(schema: JsonSchema): string {
  const some = schema.anyOf ?? schema.oneOf;
  if (some) return some.map((one) => kindText(one as JsonSchema)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" or ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => kindText({ ...schema, type } as JsonSchema)).join(" or ");
  switch (schema.type) {
    case "object":
      return `{ ${fieldsText(schema)} }`;
    case "array":
      return `list${range(schema)} of ${kindText(schema.items as JsonSchema)}`;
    case "string":
      return `${formats[schema.format ?? schema.pattern ?? ""] ?? "text"}${range(schema)}`;
    case "integer":
    case "number":
      return `${schema.type}${range(schema)}`;
    default:
      return schema.type ?? "anything";
  }
}

const formats: Readonly<Record<string, string>> = {
  uuid: "uuid",
  email: "e-mail address",
  "date-time": "time (ISO 8601)",
  "^[0-9a-f]{64}$": "sha256",
};

/** Of a number, of a text's characters, of a list's items. Ends that are no limit in practice are left out. */
function range(schema: JsonSchema): string {
  const above = schema.exclusiveMinimum;
  const least = limit(schema.minimum ?? schema.minLength ?? schema.minItems);
  const most = limit(schema.maximum ?? schema.maxLength ?? schema.maxItems);
  if (above === undefined && least !== null && most !== null) return ` (${least}–${most})`;
  const ends = [above === undefined ? null : `> ${above}`, least === null ? null : `≥ ${least}`, most === null ? null : `≤ ${most}`];
  const told = ends.filter((end) => end !== null);
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}

const limit = (end: number | undefined): number | null => (end === undefined || Math.abs(end) >= Number.MAX_SAFE_INTEGER ? null : end);
