import msgpackParser from "socket.io-msgpack-parser";

/**
 * The `parser` of every socket.io end (server, workers, browsers): a message is one MessagePack frame. socket.io's own
 * parser sends each binary part of a message as a frame of its own and closes the connection at more than 10 of them;
 * a group of pictures, or a batch of detections with thumbnails, has hundreds. With one frame a message,
 * `maxHttpBufferSize` bounds all of it.
 */
export const socketParser: typeof msgpackParser = msgpackParser;
