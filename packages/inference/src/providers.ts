import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Availability } from "@octet/shared/domain/worker";
import type { Provider } from "./session-messages.ts";

const bootstrap = fileURLToPath(new URL("./thread-bootstrap.mjs", import.meta.url));
const entry = new URL("./provider-probe-process.ts", import.meta.url).href;
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
export function probeProvider(provider: Provider): Promise<Availability> {
  return new Promise((resolve) => {
    const child = fork(bootstrap, [entry, provider], { execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"], timeout: TIMEOUT_MS });
    let reason: string | null | undefined;
    child.on("message", (message: { reason: string | null }) => {
      reason = message.reason;
    });
    child.on("error", (error) => {
      reason ??= error.message;
    });
    child.on("close", (code, signal) => {
      // `undefined`: it never answered. A crash after the answer (in a driver's clean-up) still counts against it.
      if (reason === undefined || (reason === null && code !== 0))
        reason = signal ? `the probe was ended by ${signal}` : `the probe crashed (exit code ${code})`;
      resolve({ name: provider, available: reason === null, detail: reason ?? "computes" });
    });
  });
}
