import type { Availability } from "@octet/shared/domain/worker";
import { askProcess } from "./ask-process.ts";
import type { Provider } from "./session-messages.ts";

const entry = new URL("./provider-probe-process.ts", import.meta.url);
const TIMEOUT_MS = 30_000;

const platforms: Readonly<Record<Provider, readonly NodeJS.Platform[]>> = {
  cpu: ["linux", "darwin", "win32"],
  cuda: ["linux", "win32"],
  tensorrt: ["linux", "win32"],
  webgpu: ["linux", "darwin", "win32"],
  coreml: ["darwin"],
  dml: ["win32"],
};

/** Which of ONNX Runtime's providers compute on this host, each found by running a tiny model on it in a process of its own. */
export async function probeProviders(): Promise<Availability[]> {
  const candidates = (Object.keys(platforms) as Provider[]).filter((provider) => platforms[provider].includes(process.platform));
  const report: Availability[] = [];
  // One after the other: a probe needs a core for half a second, and cameras may be running.
  for (const provider of candidates) report.push(await probeProvider(provider));
  return report;
}

/** Tries one provider. Never throws. */
export async function probeProvider(provider: Provider): Promise<Availability> {
  const { reason, crash } = await askProcess(entry, provider, { name: "probe", timeoutMs: TIMEOUT_MS });
  // A crash after the answer still counts against it.
  const failure = reason ?? crash;
  return { name: provider, available: failure === null, detail: failure ?? "computes" };
}
