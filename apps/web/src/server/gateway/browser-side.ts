import { browserToGateway } from "@octet/shared/protocol/live-protocol";
import { onEvent } from "@octet/shared/protocol/typed-socket";
import type { Logger } from "pino";
import type { Socket } from "socket.io";
import type { SharedInterest } from "./interest.ts";

export interface BrowserSideOptions {
  interest: SharedInterest;
  logger: Logger;
  sendStatuses(to: Socket): void;
}

/** Serves a browser that has connected to this process. */
export function serveBrowser(socket: Socket, { interest, logger, sendStatuses }: BrowserSideOptions): void {
  onEvent(
    socket,
    browserToGateway,
    "watch",
    async (watch) => {
      const wanted = new Set([
        ...watch.frames.map((id) => `frame:${id}`),
        ...watch.previews.map((id) => `preview:${id}`),
        ...watch.videos.map((id) => `video:${id}`),
        ...(watch.status ? ["status"] : []),
      ]);
      const isNew = watch.status && !socket.rooms.has("status");
      for (const room of socket.rooms) if (room !== socket.id && !wanted.has(room)) await socket.leave(room);
      await socket.join([...wanted]);
      socket.data["onScreen"] = [...new Set([...watch.frames, ...watch.previews, ...watch.videos])];
      // Later ones come by and by.
      if (isNew) sendStatuses(socket);
      interest.watch(socket.id, watch);
      return { ok: true as const };
    },
    (error, event) => logger.debug({ event }, error.message),
  );
  socket.on("disconnect", () => interest.watch(socket.id, null));
}
