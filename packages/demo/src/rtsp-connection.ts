import { randomBytes } from "node:crypto";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import type { Socket } from "node:net";
import { CLOCK_RATE, PAYLOAD_TYPE } from "./rtp-h264.ts";
import { type Credentials, RtspAuth } from "./rtsp-auth.ts";
import { formatResponse, RtspParser, type RtspRequest } from "./rtsp-message.ts";
import { RtspPlayer, type ServedStream } from "./rtsp-player.ts";

/** A viewer that is so far behind, in bytes, is cut off: it would eat this process's memory. */
const MAX_BACKLOG = 8 * 1024 * 1024;

type Headers = (readonly [string, string])[];
type Reply = { status: number; headers?: Headers; body?: string };

/** One client of the RTSP server (RFC 2326, what players and cameras use of it), over TCP interleaved or UDP. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #streams: ReadonlyMap<string, ServedStream>;
  readonly #auth: RtspAuth;
  readonly #parser = new RtspParser();
  readonly #sessionId = randomBytes(8).toString("hex");
  #stream: ServedStream | null = null;
  #send: ((packets: Buffer[]) => void) | null = null;
  #player: RtspPlayer | null = null;
  #udp: UdpSocket | null = null;

  constructor(socket: Socket, streams: ReadonlyMap<string, ServedStream>, credentials: Credentials | undefined) {
    this.#socket = socket;
    this.#streams = streams;
    this.#auth = new RtspAuth(credentials);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#stop());
    socket.on("data", (bytes) => void this.#onData(bytes));
  }

  async #onData(bytes: Buffer): Promise<void> {
    try {
      for (const request of this.#parser.push(bytes)) {
        const reply = await this.#answer(request);
        const headers: Headers = [...(reply.headers ?? []), ["Server", "Octet demo"]];
        this.#socket.write(formatResponse(reply.status, request.headers.get("cseq") ?? "0", headers, reply.body));
        if (request.method === "PLAY" && reply.status === 200) this.#player?.start();
        if (request.method === "TEARDOWN") this.#socket.end();
      }
    } catch {
      this.#socket.destroy();
    }
  }

  async #answer(request: RtspRequest): Promise<Reply> {
    const { method } = request;
    if (method === "OPTIONS")
      return { status: 200, headers: [["Public", "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER"]] };
    if (!this.#auth.accepts(method, request.headers.get("authorization"))) {
      return { status: 401, headers: this.#auth.challenges.map((challenge) => ["WWW-Authenticate", challenge] as const) };
    }
    const session: Headers = [["Session", `${this.#sessionId};timeout=60`]];
    if (method === "DESCRIBE") return this.#describe(request);
    if (method === "SETUP") return this.#setup(request, session);
    if (method === "GET_PARAMETER" || method === "SET_PARAMETER") return { status: 200, headers: session };
    if (method === "TEARDOWN") {
      this.#stop();
      return { status: 200, headers: session };
    }
    if (method !== "PLAY" && method !== "PAUSE") return { status: 501 };
    if (!this.#stream || !this.#send) return { status: 455 };
    this.#player?.stop();
    this.#player = method === "PLAY" ? new RtspPlayer(this.#stream, this.#send) : null;
    return { status: 200, headers: [...session, ["Range", "npt=now-"]] };
  }

  #find(url: string): ServedStream | undefined {
    const path = URL.canParse(url) ? new URL(url).pathname : url;
    return this.#streams.get(decodeURIComponent(path.replace(/^\//, "").replace(/\/(trackID=\d+)?$/, "")));
  }

  #describe(request: RtspRequest): Reply {
    const stream = this.#find(request.url);
    if (!stream) return { status: 404 };
    const { sps, pps, fps } = stream.clip;
    const body = [
      "v=0",
      "o=- 0 0 IN IP4 127.0.0.1",
      "s=Octet demo",
      "t=0 0",
      "a=control:*",
      `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
      "c=IN IP4 0.0.0.0",
      `a=rtpmap:${PAYLOAD_TYPE} H264/${CLOCK_RATE}`,
      `a=framerate:${Math.round(fps * 100) / 100}`,
      `a=fmtp:${PAYLOAD_TYPE} packetization-mode=1;profile-level-id=${sps.subarray(1, 4).toString("hex")};sprop-parameter-sets=${sps.toString("base64")},${pps.toString("base64")}`,
      "a=control:trackID=0",
      "",
    ].join("\r\n");
    const base = request.url.endsWith("/") ? request.url : `${request.url}/`;
    return {
      status: 200,
      headers: [
        ["Content-Base", base],
        ["Content-Type", "application/sdp"],
      ],
      body,
    };
  }

  async #setup(request: RtspRequest, session: Headers): Promise<Reply> {
    const stream = this.#find(request.url);
    if (!stream) return { status: 404 };
    const transport = request.headers.get("transport") ?? "";
    const udp = /client_port=(\d+)(?:-(\d+))?/.exec(transport);
    if (/RTP\/AVP\/TCP/i.test(transport)) {
      const channel = Number(/interleaved=(\d+)/.exec(transport)?.[1] ?? 0) & 0xfe;
      this.#send = (packets) => this.#sendInterleaved(packets, channel);
      this.#stream = stream;
      return { status: 200, headers: [...session, ["Transport", `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`]] };
    }
    if (!udp) return { status: 461 };
    const port = Number(udp[1]);
    const socket = await this.#openUdp();
    const address = this.#socket.remoteAddress ?? "127.0.0.1";
    this.#send = (packets) => {
      for (const packet of packets) socket.send(packet, port, address);
    };
    this.#stream = stream;
    const local = socket.address().port;
    return {
      status: 200,
      headers: [...session, ["Transport", `RTP/AVP;unicast;client_port=${port}-${udp[2] ?? port + 1};server_port=${local}-${local + 1}`]],
    };
  }

  async #openUdp(): Promise<UdpSocket> {
    this.#udp?.close();
    const socket = createSocket("udp4");
    this.#udp = socket;
    // A viewer that went away answers with ICMP errors; its TCP connection tells us.
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return socket;
  }

  #sendInterleaved(packets: Buffer[], channel: number): void {
    if (this.#socket.writableLength > MAX_BACKLOG) {
      this.#socket.destroy();
      return;
    }
    this.#socket.cork();
    for (const packet of packets) {
      const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
      this.#socket.write(head);
      this.#socket.write(packet);
    }
    this.#socket.uncork();
  }

  #stop(): void {
    this.#player?.stop();
    this.#player = null;
    this.#udp?.close();
    this.#udp = null;
  }
}
