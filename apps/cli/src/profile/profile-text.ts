import { table } from "../output/table.ts";
import { bytes, milliseconds } from "../output/units.ts";
import type { Promotion } from "../server/profiles.ts";
import { benchmarkText, gateText, validationText } from "./proof-text.ts";
import type { ShownProfile } from "./shown-profile.ts";

export function profilesTable(profiles: readonly ShownProfile[]): string {
  return table(
    profiles,
    [
      { title: "NAME", of: ({ name }) => name },
      { title: "MODEL", of: ({ model }) => model.name },
      { title: "PRECISION", of: ({ precision }) => precision },
      { title: "STATE", of: ({ state }) => state },
      { title: "SIZE", of: ({ sizeBytes }) => (sizeBytes === null ? "" : bytes(sizeBytes)), align: "right" },
      { title: "KEPT", of: ({ validation }) => (validation ? `${validation.keptPercent.toFixed(1)} %` : ""), align: "right" },
      {
        title: "P50",
        of: ({ benchmark }) => (benchmark?.batches[0] ? milliseconds(benchmark.batches[0].latencyMs.p50) : ""),
        align: "right",
      },
      {
        title: "SPEED",
        of: ({ benchmark }) => (benchmark?.reference ? `${benchmark.reference.speedup.toFixed(2)}×` : ""),
        align: "right",
      },
      { title: "STREAMS", of: ({ benchmark }) => String(benchmark?.streams?.held ?? ""), align: "right" },
      { title: "GATE", of: ({ gate }) => (gate.passed ? "passes" : "stops it") },
      { title: "RUNS", of: ({ promotions }) => promotions.map(promotionText).join(", ") },
    ],
    "No profiles.",
  );
}

function promotionText({ role, scope, scopeValue, share }: Promotion): string {
  const where = scope === "site" ? "the site" : `${scope} ${scopeValue}`;
  return role === "shadow" ? `in the shadow on ${where}, ${Math.round(share * 100)} % of the frames` : where;
}

export function profileText(profile: ShownProfile): string {
  const { name, model, precision, state, reason, sha256, sizeBytes, tool, summary, warnings, validation, benchmark, gate } = profile;
  const parts = [
    [
      `${name}: ${precision} of ${model.name}, ${state}${reason ? ` (${reason})` : ""}`,
      ...(sha256 ? [`sha256 ${sha256}, ${bytes(sizeBytes ?? 0)}${tool ? `, by ${tool}` : ""}`] : ["not built yet"]),
      ...summaryLines(summary),
      ...warnings.map((warning) => `warning: ${warning}`),
      ...profile.promotions.map((promotion) => `runs: ${promotionText(promotion)}`),
    ].join("\n"),
    validation ? `Accuracy: ${validationText(validation)}` : "",
    benchmark ? `Speed: ${benchmarkText(benchmark)}` : "",
    precision === "fp32" ? "" : gateText(gate),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** What another line says. */
const TOLD = new Set(["precision", "sizeBytes", "sizeBytesBefore"]);

/** What was chosen while it was built, as far as it is a word or a number. */
function summaryLines(summary: unknown): string[] {
  if (typeof summary !== "object" || summary === null) return [];
  const facts = Object.entries(summary).flatMap(([key, value]) =>
    !TOLD.has(key) && ["string", "number", "boolean"].includes(typeof value)
      ? [`${words(key)} ${typeof value === "number" && !Number.isInteger(value) ? value.toFixed(2) : value}`]
      : [],
  );
  return facts.length > 0 ? [facts.join(", ")] : [];
}

/** "calibrationImages" → "calibration images". */
const words = (key: string): string => key.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
