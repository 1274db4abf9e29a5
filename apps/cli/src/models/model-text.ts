import type { Licence } from "@octet/shared/domain/model";
import { table } from "../output/table.ts";
import { bytes } from "../output/units.ts";

/** What a server's and a workspace's models have in common. */
export interface ShownModel {
  name: string;
  sha256: string;
  sizeBytes: number;
  family: string;
  inputWidth: number;
  inputHeight: number;
  precision: string;
  licence: Licence;
  notes: string;
  profiles: readonly { name: string; precision: string; state: string }[];
}

export function modelsTable(models: readonly ShownModel[]): string {
  return table(
    models,
    [
      { title: "NAME", of: ({ name }) => name },
      { title: "FAMILY", of: ({ family }) => family },
      { title: "INPUT", of: ({ inputWidth, inputHeight }) => `${inputWidth}×${inputHeight}`, align: "right" },
      { title: "SIZE", of: ({ sizeBytes }) => bytes(sizeBytes), align: "right" },
      { title: "LICENCE", of: ({ licence }) => licence.name },
      { title: "SHA256", of: ({ sha256 }) => sha256.slice(0, 12) },
      { title: "PROFILES", of: ({ profiles }) => profiles.map(({ name, state }) => `${name} (${state})`).join(", ") },
    ],
    "No models.",
  );
}

export function modelText({ name, sha256, sizeBytes, family, inputWidth, inputHeight, precision, licence, notes, profiles }: ShownModel) {
  return [
    `${name}: ${family}, ${inputWidth}×${inputHeight}, ${precision}, ${bytes(sizeBytes)}`,
    `sha256 ${sha256}`,
    `licence ${licence.name}${licence.origin ? ` (${licence.origin})` : ""}. ${licence.note}`.trim(),
    ...(notes ? [notes] : []),
    ...profiles.map((profile) => `profile ${profile.name}: ${profile.precision}, ${profile.state}`),
  ].join("\n");
}
