import { Emitter } from "@socket.io/component-emitter";
import { decoder, encoder } from "./message-pack.ts";

/** Packet types of the socket.io protocol, revision 5. */
const CONNECT = 0;
const DISCONNECT = 1;
const CONNECT_ERROR = 4;

class MessagePackEncoder {
  encode(packet: unknown): Uint8Array[] {
    return [encoder.encode(packet)];
  }
}

interface Events {
  decoded(packet: unknown): void;
}

/** Emits "decoded" with each packet. `add` throws on what is none, and socket.io closes the connection. */
class MessagePackDecoder extends Emitter<Events, Events> {
  add(frame: ArrayBuffer | Uint8Array): void {
    if (typeof frame === "string") throw new Error("text in a binary protocol");
    const packet = decoder.decode(frame);
    if (!isPacket(packet)) throw new Error("no socket.io packet");
    this.emit("decoded", packet);
  }

  destroy(): void {}
}

function isPacket(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { type, nsp, data, id } = value as { type?: unknown; nsp?: unknown; data?: unknown; id?: unknown };
  if (!Number.isInteger(type) || (type as number) < CONNECT || (type as number) > CONNECT_ERROR || typeof nsp !== "string") return false;
  if (id !== undefined && !Number.isInteger(id)) return false;
  if (type === CONNECT) return data === undefined || data === null || typeof data === "object";
  if (type === DISCONNECT) return data === undefined || data === null;
  return type === CONNECT_ERROR ? typeof data === "string" || (typeof data === "object" && data !== null) : Array.isArray(data);
}

/**
 * The `parser` of every socket.io end (server, workers, browsers): a message is one MessagePack frame. socket.io's own
 * parser sends each binary part of a message as a frame of its own and closes the connection at more than 10 of them;
 * a group of pictures, or a batch of detections with thumbnails, has hundreds. With one frame a message,
 * `maxHttpBufferSize` bounds all of it. (socket.io-msgpack-parser 3 gives browsers nonsense for a Uint8Array.)
 */
export const socketParser = { Encoder: MessagePackEncoder, Decoder: MessagePackDecoder };
