/**
 * What is balanced before ranges are looked for: channels of activations (from images), or the weights of layers that feed one
 * another (from the model alone).
 */
export const equalizations = ["activations", "layers", "none"] as const;
export type Equalization = (typeof equalizations)[number];
