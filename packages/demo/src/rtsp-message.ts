export interface RtspRequest {
  method: string;
  url: string;
  /** Names in lower case. */
  headers: Map<string, string>;
}

/** Longest request that is read, bytes: whoever sends more is not an RTSP client. */
const MAX_REQUEST = 16 * 1024;

/** Cuts a connection's bytes into requests; the client's own interleaved RTCP packets are skipped. */
export class RtspParser {
  #buffer = Buffer.alloc(0);

  /** @throws Error where the bytes are no RTSP */
  push(bytes: Buffer): RtspRequest[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const requests: RtspRequest[] = [];
    for (;;) {
      if (this.#buffer[0] === 0x24) {
        if (this.#buffer.length < 4 || this.#buffer.length < 4 + this.#buffer.readUInt16BE(2)) break;
        this.#buffer = this.#buffer.subarray(4 + this.#buffer.readUInt16BE(2));
        continue;
      }
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) {
        if (this.#buffer.length > MAX_REQUEST) throw new Error("Request too long");
        break;
      }
      const request = parse(this.#buffer.subarray(0, end).toString("latin1"));
      const length = Number(request.headers.get("content-length") ?? 0);
      if (!(length >= 0 && length <= MAX_REQUEST)) throw new Error("Body too long");
      if (this.#buffer.length < end + 4 + length) break;
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      requests.push(request);
    }
    return requests;
  }
}

function parse(text: string): RtspRequest {
  const [first = "", ...lines] = text.split("\r\n");
  const match = /^([A-Z_]+) (\S+) RTSP\/1\.0$/.exec(first.trim());
  if (!match) throw new Error("Not an RTSP request");
  const headers = new Map(
    lines.map((line) => [
      line
        .slice(0, Math.max(0, line.indexOf(":")))
        .trim()
        .toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
  return { method: match[1]!, url: match[2]!, headers };
}

const REASONS: Record<number, string> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  454: "Session Not Found",
  455: "Method Not Valid In This State",
  461: "Unsupported Transport",
  501: "Not Implemented",
};

/** @param headers pairs, as a name may occur twice */
export function formatResponse(status: number, cseq: string, headers: readonly (readonly [string, string])[], body = ""): string {
  const lines = [
    `RTSP/1.0 ${status} ${REASONS[status] ?? "Error"}`,
    `CSeq: ${cseq}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  if (body !== "") lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
