import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import { socketParser } from "@octet/shared/protocol/parser";
import { WORKER_NAMESPACE } from "@octet/shared/protocol/worker-protocol";
import { pino } from "pino";
import { Server } from "socket.io";
import { expect, it, onTestFinished } from "vitest";
import { GatewayLink } from "./gateway-link.ts";
import { Spool } from "./spool.ts";

const listen = (server: { listen(port: number, host: string, ready: () => void): unknown }) =>
  new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));

it("leaves an address that answers nothing for another before its cameras are given away", { timeout: 10_000 }, async () => {
  const http = createServer();
  const io = new Server(http, { parser: socketParser, serveClient: false });
  onTestFinished(() => void io.close());
  io.of(WORKER_NAMESPACE).on("connection", (socket) => {
    socket.on("hello", (_hello, answer: (value: unknown) => void) => answer({ ok: true, value: { serverTime: Date.now() } }));
  });
  await listen(http);
  // What a balancer may be: the first connection goes to a process that is no more, those after it to one that is well.
  const taken: Socket[] = [];
  const balancer = createTcpServer((near) => {
    near.on("error", () => {});
    if (taken.push(near) === 1) return;
    const far = connect((http.address() as AddressInfo).port, "127.0.0.1");
    far.on("error", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  onTestFinished(() => void balancer.close());
  await listen(balancer);
  const folder = mkdtempSync(path.join(os.tmpdir(), "octet-link-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));

  const unused = () => Promise.reject(new Error("not asked for here"));
  let greeted = () => {};
  const joined = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  const link = new GatewayLink({
    url: `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`,
    token: "token",
    hello: {} as ConstructorParameters<typeof GatewayLink>[0]["hello"],
    jobs: () => [],
    spool: new Spool<DetectionRecord>({ folder, maxBytes: 1 << 20 }),
    logger: pino({ level: "silent" }),
    onAssignment: unused,
    onWatch: () => {},
    onStartJob: unused,
    onCancelJob: () => false,
    onGreeted: () => greeted(),
    onProbe: unused,
  });
  onTestFinished(() => link.close(0));
  link.connect();
  await joined;
  expect(taken).toHaveLength(2);
  expect(link.connected).toBe(true);
});
