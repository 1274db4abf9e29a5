import type { Place } from "../place/place.ts";
import { documentOfVersion } from "./local-document.ts";
import type { ShownVersion } from "./datasets-table.ts";

/** Every version at a place: the document, and rows for people. */
export async function listDatasetsOf(place: Place): Promise<{ datasets: unknown; rows: ShownVersion[] }> {
  if (place.kind === "workspace") {
    const { listLocalVersions } = await import("@octet/precision/workspace/dataset-store");
    const versions = await listLocalVersions(place.folder);
    const rows = versions.map(({ dataset, kind, version, layout, images, labels, manifest, createdAt }) => ({
      ...{ dataset, kind, version, layout, images: images.length, labels, sha256: manifest.sha256, createdAt },
    }));
    const datasets = [...new Set(versions.map(({ dataset }) => dataset))].map((name) => {
      const mine = versions.filter(({ dataset }) => dataset === name);
      return { name, kind: mine[0]!.kind, versions: mine.map(documentOfVersion) };
    });
    return { datasets, rows };
  }
  const { listDatasets } = await import("../server/datasets.ts");
  const datasets = await listDatasets(place.api);
  const rows = datasets.flatMap(({ name, kind, createdAt, versions }): ShownVersion[] =>
    versions.length === 0
      ? [{ dataset: name, kind, version: null, layout: "", images: 0, labels: 0, sha256: "", createdAt }]
      : versions.map((one) => ({
          ...{ dataset: name, kind, version: one.version, layout: one.layout, images: one.imageCount, labels: one.labelCount },
          ...{ sha256: one.manifestSha256, createdAt: one.createdAt },
        })),
  );
  return { datasets, rows };
}
