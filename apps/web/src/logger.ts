import { type Logger, pino } from "pino";
import { env } from "./env.ts";

export function createLogger(): Logger {
  return pino({ level: env().LOG_LEVEL, base: { app: "web" } });
}
