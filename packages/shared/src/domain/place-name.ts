/** Where a promotion counts, for people. */
export const placeName = (scope: string, value: string, cameraName: (id: string) => string | undefined): string =>
  scope === "site" ? "the whole site" : scope === "tag" ? `tag ${value}` : (cameraName(value) ?? "a camera that is gone");
