import { Decoder, Encoder } from "@msgpack/msgpack";

// One of each serves all: their buffers have grown to what messages need. Neither keeps anything of a message, failed or not.
export const encoder = new Encoder({ ignoreUndefined: true });
export const decoder = new Decoder();

/** A server closes the connection on which a larger message comes. */
export const MAX_MESSAGE_BYTES = 32 << 20;
