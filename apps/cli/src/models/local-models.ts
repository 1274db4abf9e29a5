import type { LocalModel } from "@octet/precision/workspace/model-store";
import { listLocalProfiles } from "@octet/precision/workspace/profile-file";
import type { ShownModel } from "./model-text.ts";

/** A workspace's models with what was made of them. */
export async function withProfiles(workspace: string, models: readonly LocalModel[]): Promise<(LocalModel & ShownModel)[]> {
  const profiles = await listLocalProfiles(workspace);
  return models.map((model) => ({
    ...model,
    profiles: profiles
      .filter((profile) => profile.model.sha256 === model.sha256)
      .map(({ name, precision, state, artifact }) => ({ name, precision, state, sha256: artifact.sha256 })),
  }));
}
