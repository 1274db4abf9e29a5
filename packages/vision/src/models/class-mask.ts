/** A model's list and a camera's stay the same from frame to frame. */
const masks = new WeakMap<readonly string[], WeakMap<readonly string[], Uint8Array>>();

/** By class of a model, 1 where it is among `names`, whatever its case, else 0. The lists may not change afterwards. */
export function maskOf(classes: readonly string[], names: readonly string[]): Uint8Array {
  const ofModel = masks.get(classes) ?? new WeakMap<readonly string[], Uint8Array>();
  const known = ofModel.get(names);
  if (known) return known;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const mask = Uint8Array.from(classes, (name) => (wanted.has(name.toLowerCase()) ? 1 : 0));
  masks.set(classes, ofModel.set(names, mask));
  return mask;
}
