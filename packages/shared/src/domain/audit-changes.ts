import { z } from "zod";

/** What was there and what is there now, field by field. */
export const auditChangesSchema = z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }));
export type AuditChanges = z.infer<typeof auditChangesSchema>;

/** What differs in these fields; values are JSON. */
export function changesBetween<T extends object>(before: T, after: T, fields: readonly (keyof T & string)[]): AuditChanges {
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return changed.map((field) => ({ field, before: before[field], after: after[field] }));
}

/** `none`: what an empty value means. */
const fieldTexts: Record<string, { label: string; none?: string; unit?: string }> = {
  url: { label: "address", none: "lost" },
  substreamUrl: { label: "sub-stream" },
  detectFps: { label: "detections a second" },
  stillFps: { label: "detections a second while nothing moves", none: "as ever" },
  latencyBudgetMs: { label: "latency budget", none: "its worker's", unit: "ms" },
  classes: { label: "classes", none: "all" },
  placement: { label: "placement", none: "any worker" },
};
/** In the order that people read them in: a database may give others. */
const placementTexts: Record<string, string> = { require: "needs", prefer: "prefers", exclude: "never on" };
const AT_MOST = 120;

/** "detections a second 5 → 2", one for each field. */
export const changeTexts = (changes: AuditChanges): string[] =>
  changes.map(({ field, before, after }) => {
    const { label, none = "none", unit } = fieldTexts[field] ?? { label: field };
    const [was, is] = [valueText(before), valueText(after)];
    // Passwords are masked: where only that was changed, both read the same.
    if (was !== "" && was === is) return `${label} ${is} with another password`;
    return `${label} ${was || none} → ${is === "" ? none : unit ? `${is} ${unit}` : is}`;
  });

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return shortened(value.join(" and "));
  if (typeof value === "object") {
    const known = Object.keys(placementTexts).filter((name) => name in value);
    const all = Object.entries({ ...Object.fromEntries(known.map((name) => [name, null])), ...value });
    const parts = all.map(([name, part]) => [placementTexts[name] ?? name, valueText(part)]);
    return shortened(
      parts
        .filter(([, text]) => text !== "")
        .map((part) => part.join(" "))
        .join(", "),
    );
  }
  return shortened(String(value));
}

const shortened = (text: string): string => (text.length > AT_MOST ? `${text.slice(0, AT_MOST - 1)}…` : text);
