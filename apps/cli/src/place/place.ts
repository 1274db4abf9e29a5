import type { OctetApi } from "../server/api.ts";
import type { ArtifactUploads } from "../server/artifact-uploads.ts";

/** Where models, data sets and profiles are: on a server, whose workers do the work, or in a folder of this host. */
export type Place = ServerPlace | WorkspacePlace;

export interface ServerPlace {
  kind: "server";
  url: string;
  api: OctetApi;
  uploads: ArtifactUploads;
}

export interface WorkspacePlace {
  kind: "workspace";
  folder: string;
}

/** For the JSON document: which of the two it speaks of. */
export const whereOf = (place: Place): { server: string } | { workspace: string } =>
  place.kind === "server" ? { server: place.url } : { workspace: place.folder };

/** The same for people. */
export const placeText = (place: Place): string => (place.kind === "server" ? `Server ${place.url}` : `Workspace ${place.folder}`);
