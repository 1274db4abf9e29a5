import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import next from "next";
import { Server } from "socket.io";
import { MAX_MESSAGE_BYTES } from "@octet/shared/protocol/message-pack";
import { socketParser } from "@octet/shared/protocol/parser";
import { env } from "./src/env.ts";
import { createLogger } from "./src/logger.ts";
import { answering } from "./src/server/boot/answering.ts";
import { boot } from "./src/server/boot/boot.ts";
import { HEARTBEAT } from "./src/server/gateway/heartbeat.ts";

const settings = env();
const logger = createLogger();
const { version } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as { version: string };

const app = next({
  dev: settings.NODE_ENV === "development",
  dir: fileURLToPath(new URL(".", import.meta.url)),
  hostname: settings.HOST,
  port: settings.PORT,
});
await app.prepare();
const handle = app.getRequestHandler();
const http = createServer(answering(handle, (error) => logger.error(error, "a request failed")));
// Models of hundreds of megabytes come over slow links; Node's five minutes are for headers and small bodies.
http.requestTimeout = 3_600_000;
// Detections carry thumbnails: more than socket.io's default of 1 MB may come at once after an outage.
const io = new Server(http, {
  parser: socketParser,
  maxHttpBufferSize: MAX_MESSAGE_BYTES,
  serveClient: false,
  ...HEARTBEAT,
  perMessageDeflate: false,
});
const services = await boot(io, logger, version);

await new Promise<void>((resolve, reject) => {
  http.once("error", reject);
  http.listen(settings.PORT, settings.HOST, resolve);
});
await services.join();
logger.info({ port: settings.PORT }, "web is ready");
process.send?.({ type: "ready" });

let ending = false;
async function end(reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  logger.info({ reason }, "web is ending");
  setTimeout(() => process.exit(1), 10_000).unref();
  await services.stepDown();
  // socket.io closes the HTTP server too; the database goes last, when nobody writes any more.
  await io.close();
  await services.stop();
  process.exit(0);
}
process.on("SIGTERM", () => void end("SIGTERM"));
process.on("SIGINT", () => void end("SIGINT"));
process.on("disconnect", () => void end("parent ended"));
process.on("unhandledRejection", (error) => logger.error(error, "unhandled rejection"));
