import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openReplicaChannel } from "@octet/db/replicas/replica-channel";
import { socketParser } from "@octet/shared/protocol/parser";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { frame } from "./messages.ts";

interface Relayed {
  messagesPerSecond: number;
  /** Of this process, which holds both ends; Postgres's own comes on top where it is in between. */
  cpuMicroseconds: number;
  roundP50Ms: number;
}

/** Sends `count` messages in bursts of 100, each burst once the last has come. */
async function time(count: number, send: () => void | Promise<void>, onCome: (come: () => void) => void): Promise<Relayed> {
  const rounds: number[] = [];
  let waiting = 0;
  let all = (): void => {};
  onCome(() => {
    if (--waiting === 0) all();
  });
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let sent = 0; sent < count; sent += 100) {
    const start = performance.now();
    const come = new Promise<void>((resolve) => {
      all = resolve;
    });
    waiting = 100;
    await Promise.all([come, ...Array.from({ length: 100 }, send)]);
    rounds.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    messagesPerSecond: Math.round(count / ((performance.now() - began) / 1000)),
    cpuMicroseconds: Math.round((user + system) / count),
    roundP50Ms: Math.round((rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0) * 100) / 100,
  };
}

/**
 * How frames get from one web process to another: by a direct connection, or by Postgres's NOTIFY, which is the least that
 * socket.io's adapter for Postgres does with a message of less than 8,000 bytes (a larger one it writes into a table, and the
 * other end reads it there). NOTIFY carries text: a frame with its boxes as JSON.
 */
export async function relays(
  databaseUrl: string,
  count: number,
): Promise<{ direct: Relayed; directWithPreview: Relayed; notify: Relayed }> {
  const http = createServer();
  const server = new Server(http, { parser: socketParser, perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { parser: socketParser, transports: ["websocket"] });
  let come = (): void => {};
  server.on("connection", (socket) => socket.on("frame", () => come()));
  await new Promise<void>((resolve) => client.once("connect", resolve));
  const listen = (on: () => void): void => {
    come = on;
  };
  const message = (preview: boolean) => frame("0b6a4a3e-8a3b-4c06-a2ce-0242ac120002", 1, preview);
  const direct = await time(count, () => void client.emit("frame", message(false)), listen);
  const directWithPreview = await time(count, () => void client.emit("frame", message(true)), listen);
  client.disconnect();
  await server.close();

  const lost = (): void => {};
  const listener = await openReplicaChannel(databaseUrl, { heard: () => come(), lost });
  const sender = await openReplicaChannel(databaseUrl, { heard: () => {}, lost });
  // A connection takes one query at a time.
  let last = Promise.resolve();
  const send = (): Promise<void> => {
    last = last.then(() => sender.announce(JSON.stringify(message(false))));
    return last;
  };
  const notify = await time(count, send, listen);
  await sender.close();
  await listener.close();
  return { direct, directWithPreview, notify };
}
