// Simulated browsers: each watches some cameras and notes how old a frame is when it comes.
import { percentile } from "@octet/shared/percentile";
import type { PackedFrame } from "@octet/shared/protocol/live-frame";
import { decoder } from "@octet/shared/protocol/message-pack";
import { socketParser } from "@octet/shared/protocol/parser";
import { io, type Socket } from "socket.io-client";
import { now } from "./messages.ts";

const sockets: Socket[] = [];
let latencies: number[] = [];
let statuses = 0;
let began = performance.now();

type Order = { do: "watch"; url: string; screens: string[][]; previews: boolean; status: boolean } | { do: "take" } | { do: "leave" };

process.on("message", async (order: Order & { id: number }) => {
  const answer = (value: unknown): void => void process.send?.({ id: order.id, value });
  if (order.do === "watch") {
    await Promise.all(
      order.screens.map(async (cameras) => {
        const socket = io(`${order.url}/live`, { parser: socketParser, transports: ["websocket"], forceNew: true });
        sockets.push(socket);
        const came = ({ capturedAt }: { capturedAt: number }): void => void latencies.push(now() - capturedAt);
        // Opened and not parsed: hundreds of browsers have not this one process to do that in.
        socket.on("frames", (frames: PackedFrame[]) => {
          for (const { boxes } of frames) came(decoder.decode(boxes) as { capturedAt: number });
        });
        // Of a server that hands them on one by one.
        socket.on("frame", came);
        socket.on("cameraStatus", (list: unknown[]) => {
          statuses += list.length;
        });
        await new Promise<void>((resolve) => socket.once("connect", resolve));
        const watch = { frames: cameras, previews: order.previews ? cameras : [], videos: [], status: order.status };
        await socket
          .timeout(20_000)
          .emitWithAck("watch", watch)
          .catch(() => {});
      }),
    );
    answer(null);
  } else if (order.do === "leave") {
    for (const socket of sockets.splice(0)) socket.disconnect();
    answer(null);
  } else {
    const taken = latencies.sort((a, b) => a - b);
    answer({
      frames: taken.length,
      p50: percentile(taken, 0.5),
      p99: percentile(taken, 0.99),
      statuses,
      seconds: (performance.now() - began) / 1000,
    });
    began = performance.now();
    latencies = [];
    statuses = 0;
  }
});
process.on("disconnect", () => process.exit(0));
