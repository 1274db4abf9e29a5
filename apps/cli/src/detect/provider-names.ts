/** ONNX Runtime's execution providers that a command may be told to use. */
export const providerNames = ["cpu", "webgpu", "cuda", "tensorrt"] as const;
export type ProviderName = (typeof providerNames)[number];
