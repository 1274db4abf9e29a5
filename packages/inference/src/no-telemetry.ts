/**
 * Keeps ONNX Runtime from reporting to Microsoft. Since 1.29 its own builds for Linux do so by default: the host's processor,
 * a number that stands for the host, names of model files and graphs, how often they run (its `docs/Privacy.md`). A host that
 * looks at cameras calls nobody whom its owner did not name; `ORT_DISABLE_TELEMETRY=0` allows it.
 *
 * The library reads the environment of the process, which only the main thread can set: so this is imported by whatever
 * starts threads or processes that load the runtime, and before the runtime itself (`ort.ts`).
 */
// biome-ignore lint/style/noProcessEnv: it sets what a library reads there
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
