/** ONNX Runtime. The only import of it in programs (`scripts/check-structure.mjs` holds that), so that no one of them reports home. */
import "./no-telemetry.ts";

// biome-ignore lint/performance/noBarrelFile: the one way to the runtime
export { InferenceSession, Tensor } from "onnxruntime-node";
