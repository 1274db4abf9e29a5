// The gateway as the web process runs it, on a real database, but for the pages and for who may come in.
// With --bare: a server that hands frames on by socket.io's rooms and does nothing else, for comparison.

import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Session } from "node:inspector/promises";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createDatabase } from "@octet/db/client";
import { socketParser } from "@octet/shared/protocol/parser";
import { pino } from "pino";
import { Server, type Socket } from "socket.io";
import { gatewayDependencies } from "../../apps/web/src/server/boot/dependencies.ts";
import { Gateway } from "../../apps/web/src/server/gateway/gateway.ts";
import { HEARTBEAT } from "../../apps/web/src/server/gateway/heartbeat.ts";

const http = createServer();
const io = new Server(http, {
  parser: socketParser,
  maxHttpBufferSize: 32 << 20,
  serveClient: false,
  ...HEARTBEAT,
  perMessageDeflate: false,
});

async function real(): Promise<void> {
  const db = createDatabase(process.env["DATABASE_URL"] ?? "");
  const logger = pino({ level: "error" });
  const gateway = new Gateway(io, {
    ...gatewayDependencies({ db, logger, version: "bench", retentionDays: 30, graceMs: 60_000 }),
    verifyWorkerToken: async () => ({ id: "bench" }),
    sessionOf: async () => ({ userId: "bench" }),
  });
  await gateway.start();
}

function bare(): void {
  const workers = new Set<Socket>();
  const watched = new Map<string, string[]>();
  const screens = new Map<string, { frames: string[]; previews: string[] }>();
  const assigned = JSON.parse(readFileSync(process.env["BARE_CAMERAS"] ?? "", "utf8")) as Record<string, string[]>;
  const tell = (): void => {
    for (const socket of workers) {
      const own = new Set(watched.get(socket.id));
      const of = (kind: "frames" | "previews") =>
        [...new Set([...screens.values()].flatMap((screen) => screen[kind]))].filter((id) => own.has(id));
      socket.emit("watch", { frames: of("frames"), previews: of("previews"), videos: [] });
    }
  };
  io.of("/worker").on("connection", (socket) => {
    socket.on("hello", ({ workerId }: { workerId: string }, reply: (value: unknown) => void) => {
      reply({ ok: true, value: {} });
      workers.add(socket);
      const own = assigned[workerId] ?? [];
      watched.set(socket.id, own);
      socket.emit("assignment", { cameras: own.map((id) => ({ id, epoch: 1 })) }, () => {});
      tell();
    });
    socket.on("frame", (frame: { cameraId: string }) => io.of("/live").to(frame.cameraId).emit("frame", frame));
  });
  io.of("/live").on("connection", (socket) => {
    socket.on("watch", async (watch: { frames: string[]; previews: string[] }, reply: (value: unknown) => void) => {
      await socket.join(watch.frames);
      screens.set(socket.id, watch);
      tell();
      reply({ ok: true });
    });
    socket.on("disconnect", () => {
      screens.delete(socket.id);
      tell();
    });
  });
}

if (process.argv.includes("--bare")) bare();
else await real();
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));

let session: Session | null = null;
const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();
process.on("message", async (order: { id: number; do: "cpu" | "profile" | "profiled"; file?: string }) => {
  const answer = (value: unknown): void => void process.send?.({ id: order.id, value });
  if (order.do === "cpu") {
    const { user, system } = process.cpuUsage();
    const longestStallMs = loop.max / 1e6;
    loop.reset();
    answer({ seconds: (user + system) / 1e6, at: performance.now() / 1000, rssBytes: process.memoryUsage.rss(), longestStallMs });
  } else if (order.do === "profile") {
    session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    answer(null);
  } else {
    const { profile } = (await session?.post("Profiler.stop")) ?? {};
    writeFileSync(order.file ?? "gateway.cpuprofile", JSON.stringify(profile));
    session?.disconnect();
    answer(null);
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
