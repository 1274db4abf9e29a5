import { table } from "../output/table.ts";

export interface ShownVersion {
  dataset: string;
  kind: string;
  /** null of a data set that has none yet. */
  version: number | null;
  layout: string;
  images: number;
  labels: number;
  sha256: string;
  createdAt: Date;
}

export function datasetsTable(versions: readonly ShownVersion[]): string {
  return table(
    versions,
    [
      { title: "VERSION", of: ({ dataset, version }) => (version === null ? `${dataset} (none yet)` : `${dataset}@${version}`) },
      { title: "KIND", of: ({ kind }) => kind },
      { title: "LAYOUT", of: ({ layout }) => layout },
      { title: "IMAGES", of: ({ images }) => String(images), align: "right" },
      { title: "LABELS", of: ({ labels }) => String(labels), align: "right" },
      { title: "MADE", of: ({ createdAt }) => createdAt.toISOString().slice(0, 16).replace("T", " ") },
      { title: "SHA256", of: ({ sha256 }) => sha256.slice(0, 12) },
    ],
    "No data sets.",
  );
}
