import { z } from "zod";
import { auditChangesSchema, changeTexts } from "./audit-changes.ts";
import { gateLimits } from "./gate-limits.ts";
import { placeName } from "./place-name.ts";
import type { Gate } from "./profile.ts";

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
    changes: auditChangesSchema,
    url: z.string(),
    added: z.number(),
    changed: z.number(),
    names: z.array(z.string()),
    email: z.string(),
    kind: z.string(),
    family: z.string(),
    precision: z.string(),
    licence: z.string(),
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
  const { text, facts = [] } = precisionSentence(action, subject, known, names) ??
    siteSentence(action, known.name ?? subject, known) ?? { text: `${action} ${subject}` };
  return { text, facts, reason: known.reason ?? null, findings: known.findings ?? [], overrides: action === "profile.promote-override" };
}

type Sentence = { text: string; facts?: string[] } | null;

function precisionSentence(action: string, subject: string, detail: Detail, names: Names): Sentence {
  const name = names.profile(subject) ?? detail.name ?? "a profile that is gone";
  const place = placeName(detail.scope ?? "site", detail.scopeValue ?? "", names.camera);
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

/** @param name of what it is about, as it was then */
function siteSentence(action: string, name: string, detail: Detail): Sentence {
  const changed = changeTexts(detail.changes ?? []).join(", ");
  const person = detail.email ? `${name} (${detail.email})` : name;
  switch (action) {
    case "camera.create":
      return { text: `added the camera ${name}`, facts: detail.url ? [detail.url] : [] };
    case "camera.update":
    case "model.update":
      return { text: `set ${name}: ${changed}` };
    case "camera.remove":
      return { text: `removed the camera ${name}` };
    case "camera.import":
      return { text: "imported cameras from CSV", facts: importFacts(detail) };
    case "worker.drain":
      return { text: `drained the worker ${name}` };
    case "worker.undrain":
      return { text: `let the worker ${name} take cameras again` };
    case "worker.forget":
      return { text: `had the worker ${name} forgotten` };
    case "person.create":
      return { text: `added ${person}${detail.role ? ` as ${detail.role}` : ""}` };
    case "person.set-role":
      return { text: `set ${person}: ${changed}` };
    case "person.reset-password":
      return { text: `reset the password of ${person}` };
    case "person.change-password":
      return { text: "changed their own password" };
    case "person.remove":
      return { text: `removed ${person}` };
    case "token.create":
      return { text: `made the ${tokenText(detail)} ${name}`, facts: tokenFacts(detail) };
    case "token.revoke":
      return { text: `revoked the ${tokenText(detail)} ${name}`, facts: tokenFacts(detail) };
    case "model.add":
      return { text: `added the model ${name}`, facts: modelFacts(detail) };
    case "model.remove":
      return { text: `removed the model ${name}` };
    case "dataset.remove":
      return { text: `removed the data set ${name}` };
    default:
      return null;
  }
}

const tokenText = ({ kind }: Detail): string => (kind === "worker" ? "worker token" : "API token");
/** A worker's token has no role that counts. */
const tokenFacts = ({ kind, role }: Detail): string[] => (role && kind === "api" ? [`role ${role}`] : []);

const modelFacts = ({ family, precision, licence }: Detail): string[] => [
  ...(family ? [family] : []),
  ...(precision ? [precision.toUpperCase()] : []),
  ...(licence ? [`licence ${licence}`] : []),
];

function importFacts({ added = 0, changed = 0, names = [] }: Detail): string[] {
  const more = added + changed - names.length;
  const listed = [...names, ...(more > 0 ? [`${more} more`] : [])];
  return [`${added} added`, `${changed} changed`, ...(listed.length > 0 ? [listed.join(", ")] : [])];
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
