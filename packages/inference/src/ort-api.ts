import { createRequire } from "node:module";
import path from "node:path";
import koffi from "koffi";

/**
 * Places of functions in ONNX Runtime's table `OrtApi` (onnxruntime_c_api.h). The table only ever grows at its end, so that
 * these hold in each version that has them.
 */
const PLACES = {
  GetErrorMessage: [2, "const char *GetErrorMessage(const void *status)"],
  CreateEnv: [3, "void *CreateEnv(int severity, const char *id, _Out_ void **env)"],
  CreateSession: [7, "void *CreateSession(const void *env, const PATH *file, const void *options, _Out_ void **session)"],
  CreateSessionOptions: [10, "void *CreateSessionOptions(_Out_ void **options)"],
  SetSessionLogSeverityLevel: [22, "void *SetSessionLogSeverityLevel(void *options, int severity)"],
  SetSessionGraphOptimizationLevel: [23, "void *SetSessionGraphOptimizationLevel(void *options, int level)"],
  ReleaseEnv: [92, "void ReleaseEnv(void *env)"],
  ReleaseStatus: [93, "void ReleaseStatus(void *status)"],
  ReleaseSession: [95, "void ReleaseSession(void *session)"],
  ReleaseSessionOptions: [100, "void ReleaseSessionOptions(void *options)"],
  AddSessionConfigEntry: [130, "void *AddSessionConfigEntry(void *options, const char *key, const char *value)"],
  AppendTensorRt: [170, "void *AppendTensorRt(void *options, const void *tensorRt)"],
  CreateTensorRtOptions: [171, "void *CreateTensorRtOptions(_Out_ void **tensorRt)"],
  UpdateTensorRtOptions: [172, "void *UpdateTensorRtOptions(void *tensorRt, const char **keys, const char **values, size_t count)"],
  ReleaseTensorRtOptions: [174, "void ReleaseTensorRtOptions(void *tensorRt)"],
} as const;
type Name = keyof typeof PLACES;

/** koffi knows a declaration by its name, and takes each once. */
const GET_API = koffi.proto("void *GetApi(uint32_t version)");
const DECLARED = Object.entries(PLACES).map(([name, [at, declaration]]) => ({
  name,
  at,
  type: koffi.proto(declaration.replace("PATH", process.platform === "win32" ? "char16_t" : "char")),
}));

/** The first version of the table that has them all. */
const API_VERSION = 11;
const ALL_OPTIMISATIONS = 99;
const SEVERITY_FATAL = 4;

/** ONNX Runtime's library, the same file that the Node binding loads. */
export function runtimeLibrary(): string {
  const root = path.dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const name = { darwin: "libonnxruntime.1.dylib", win32: "onnxruntime.dll" }[process.platform as string] ?? "libonnxruntime.so.1";
  return path.join(root, "bin", "napi-v6", process.platform, process.arch, name);
}

/** Any function of C, called by what its place in the table says of it. */
type Call = (...values: unknown[]) => unknown;

/**
 * The few functions of ONNX Runtime's C interface that its Node binding does not pass on: TensorRT's options. Blocks while it
 * works, and what it calls may take the process down: for a process of its own.
 */
export class OrtApi {
  private readonly calls: Record<Name, Call>;

  /** @throws where the library cannot be loaded */
  constructor(file = runtimeLibrary()) {
    const library = koffi.load(file);
    const base = library.func("void *OrtGetApiBase()")();
    const getApi = koffi.decode(koffi.decode(base, "void *"), GET_API) as Call;
    const table = getApi(API_VERSION);
    const call = (at: number): unknown => koffi.decode(table, at * koffi.sizeof("void *"), "void *");
    this.calls = Object.fromEntries(DECLARED.map(({ name, at, type }) => [name, koffi.decode(call(at), type)])) as Record<Name, Call>;
  }

  /**
   * Makes a session of a model file and lets it go again: what TensorRT was told to write is then there.
   * @param tensorRt options of TensorRT's provider; null: on the CPU
   * @param config of the session
   * @throws Error with ONNX Runtime's message
   */
  openOnce(
    modelPath: string,
    { tensorRt, config }: { tensorRt: Readonly<Record<string, string>> | null; config: Readonly<Record<string, string>> },
  ): void {
    const { calls } = this;
    const env = this.make("CreateEnv", SEVERITY_FATAL, "octet");
    const options = this.make("CreateSessionOptions");
    let provider: unknown = null;
    try {
      this.check("SetSessionLogSeverityLevel", options, SEVERITY_FATAL);
      this.check("SetSessionGraphOptimizationLevel", options, ALL_OPTIMISATIONS);
      for (const [key, value] of Object.entries(config)) this.check("AddSessionConfigEntry", options, key, value);
      if (tensorRt) {
        provider = this.make("CreateTensorRtOptions");
        this.check("UpdateTensorRtOptions", provider, Object.keys(tensorRt), Object.values(tensorRt), Object.keys(tensorRt).length);
        this.check("AppendTensorRt", options, provider);
      }
      calls.ReleaseSession(this.make("CreateSession", env, modelPath, options));
    } finally {
      if (provider) calls.ReleaseTensorRtOptions(provider);
      calls.ReleaseSessionOptions(options);
      calls.ReleaseEnv(env);
    }
  }

  /** Calls a function whose last argument is where it puts what it made. */
  private make(name: Name, ...values: unknown[]): unknown {
    const made: [unknown] = [null];
    this.check(name, ...values, made);
    return made[0];
  }

  private check(name: Name, ...values: unknown[]): void {
    const status = this.calls[name](...values);
    if (!status) return;
    const message = String(this.calls.GetErrorMessage(status));
    this.calls.ReleaseStatus(status);
    throw new Error(message);
  }
}
