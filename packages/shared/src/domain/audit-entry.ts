import { gateLimits } from "./gate-limits.ts";
import type { Gate } from "./profile.ts";
import { z } from "zod";
import { placeName } from "./place-name.ts";

const gateValuesSchema = z
  .object(Object.fromEntries(gateLimits.map(({ key }) => [key, z.number().nullable()])) as Record<keyof Gate, z.ZodNullable<z.ZodNumber>>)
  .partial();

/** What the log's details may hold; what another version wrote may have other names. */
const detailSchema = z
  .object({
    name: z.string(),
    reason: z.string(),
    findings: z.array(z.string()),
    scope: z.string(),
    scopeValue: z.string(),
    role: z.string(),
    share: z.number(),
    to: z.string().nullable(),
    sha256: z.string(),
    options: z.object({ precision: z.string(), target: z.string(), method: z.string().nullable(), refine: z.string() }).partial(),
    before: gateValuesSchema,
  })
  .extend(gateValuesSchema.shape)
  .partial();
type Detail = z.infer<typeof detailSchema>;

export interface AuditText {
  /** What was done, in a sentence without its subject. */
  text: string;
  facts: string[];
  /** Why, in the words of who did it. */
  reason: string | null;
  /** What the gate had found against it. */
  findings: string[];
  overrides: boolean;
}

export interface Names {
  profile(id: string): string | undefined;
  camera(id: string): string | undefined;
}

/** An entry of the audit log, for people. */
export function auditText({ action, subject, detail }: { action: string; subject: string; detail: unknown }, names: Names): AuditText {
  const read = detailSchema.safeParse(detail);
  const known: Detail = read.success ? read.data : {};
  const name = names.profile(subject) ?? known.name ?? "a profile that is gone";
  const place = placeName(known.scope ?? "site", known.scopeValue ?? "", names.camera);
  const { text, facts = [] } = sentence(action, name, place, known, names) ?? { text: `${action} ${subject}` };
  return { text, facts, reason: known.reason ?? null, findings: known.findings ?? [], overrides: action === "profile.promote-override" };
}

function sentence(action: string, name: string, place: string, detail: Detail, names: Names): { text: string; facts?: string[] } | null {
  switch (action) {
    case "profile.create":
      return { text: `had ${name} built`, facts: buildFacts(detail.options ?? {}) };
    case "profile.import":
      return { text: `imported ${name}`, facts: detail.sha256 ? [`sha256 ${detail.sha256}`] : [] };
    case "profile.reject":
      return { text: `rejected ${name}` };
    case "profile.shadow":
      return {
        text: `put ${name} in the shadow on ${place}`,
        facts: detail.share === undefined ? [] : [`${Math.round(100 * detail.share)} % of the frames`],
      };
    case "profile.promote":
      return { text: `promoted ${name} for ${place}` };
    case "profile.promote-override":
      return { text: `promoted ${name} for ${place} against the gate` };
    case "profile.roll-back":
      if (detail.role === "shadow") return { text: `ended the shadow of ${name} on ${place}` };
      return {
        text: `rolled ${name} back on ${place}`,
        facts: [detail.to ? `to ${names.profile(detail.to) ?? "what ran before"}` : "to what runs without a promotion there"],
      };
    case "gate.set":
      return { text: "set the gate", facts: gateFacts(detail) };
    default:
      return null;
  }
}

const buildFacts = ({ precision, target, method, refine }: NonNullable<Detail["options"]>): string[] => [
  ...(precision ? [precision.toUpperCase()] : []),
  ...(target ? [`for ${target}`] : []),
  ...(precision === "int8-ptq" ? [`ranges ${method ?? "by measurement"}`, `refinement ${refine ?? "none"}`] : []),
];

/** Each limit, with what it was where that is known and another; what neither asked for is left out. */
function gateFacts(detail: Detail): string[] {
  return gateLimits.flatMap(({ key, short, unit }) => {
    const [now, was] = [detail[key], detail.before?.[key]];
    if (now === undefined || (now === null && (was ?? null) === null)) return [];
    const text = (value: number | null): string => (value === null ? "not asked" : String(value));
    const change = was !== undefined && was !== now ? `${text(was)} → ` : "";
    return [`${short} ${change}${text(now)}${now === null ? "" : ` ${unit}`}`];
  });
}
