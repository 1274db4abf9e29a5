import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { pino } from "pino";
import { readEnv } from "./env.ts";
import { Worker } from "./worker.ts";
import { claimWorkerHome } from "./worker-home.ts";

const env = orEnd(readEnv);
const logger = pino({ level: env.LOG_LEVEL, base: { app: "worker", name: env.OCTET_WORKER_NAME } });
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

await mkdir(path.join(env.OCTET_HOME, "media"), { recursive: true });
process.on(
  "exit",
  orEnd(() => claimWorkerHome(env.OCTET_HOME)),
);

let ending = false;
let worker: Worker | undefined;

/** What is wrong with the settings is for whoever has started this: in words, without a stack. */
function orEnd<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, message, hint } = AppError.from(error).toInfo();
    process.stderr.write(`${code}: ${message}. ${hint ?? ""}\n`);
    process.exit(2);
  }
}

/** Sources first, then what was found is sent, then the link. A second signal, or 30 s, ends it at once. */
async function end(reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  logger.info({ reason }, "worker is ending");
  const late = setTimeout(() => {
    logger.error("the worker did not end in time");
    process.kill(process.pid, "SIGKILL");
  }, 30_000);
  try {
    await worker?.close();
  } catch (error) {
    logger.error(error, "while ending");
  }
  clearTimeout(late);
  // Threads ended by message: nothing decodes or infers any more, so that leaving is safe.
  process.exit(0);
}

process.on("SIGTERM", () => void end("SIGTERM"));
process.on("SIGINT", () => void end("SIGINT"));
// The parent that started us is gone: without it nobody would ever end us.
process.on("disconnect", () => void end("parent ended"));
process.on("unhandledRejection", (error) => logger.error(error, "unhandled rejection"));

try {
  worker = await Worker.start({ env, logger, version });
  process.send?.({ type: "ready" });
} catch (error) {
  logger.fatal(error instanceof AppError ? error.toInfo() : error, "the worker could not start");
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 200);
}
