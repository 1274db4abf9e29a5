import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ArtifactRef } from "@octet/shared/domain/artifact";

export const TEST_TOKEN = "octet_token_of_the_tests";

/** For tests: the server's side of files, in memory; its faults are made by `answer`. */
export class ArtifactServer implements AsyncDisposable {
  readonly files = new Map<string, Buffer>();
  readonly requests: string[] = [];
  /** Says what to answer instead, or null. */
  answer:
    | ((request: { method: string; sha256: string; count: number }) => { status: number; body?: string | Buffer } | "hang up" | null)
    | null = null;
  readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<ArtifactServer> {
    const server = createServer((request, response) => {
      const sha256 = /^\/api\/artifacts\/([0-9a-f]{64})$/.exec(request.url ?? "")?.[1] ?? "";
      const method = request.method ?? "";
      self.requests.push(`${method} ${sha256.slice(0, 8)}`);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const reply = (status: number, body: string | Buffer = ""): void => void response.writeHead(status).end(body);
        const fault = (status: number, code: string): void => reply(status, JSON.stringify({ error: { code, message: `test: ${code}` } }));
        const other = self.answer?.({ method, sha256, count: self.requests.length }) ?? null;
        if (other === "hang up") request.socket.destroy();
        else if (other) reply(other.status, other.body);
        else if (request.headers.authorization !== `Bearer ${TEST_TOKEN}`) fault(401, "UNAUTHENTICATED");
        else if (method === "PUT") {
          const bytes = Buffer.concat(chunks);
          if (request.headers["content-length"] !== String(bytes.length)) fault(400, "BAD_INPUT");
          else if (hashOf(bytes) !== sha256) fault(400, "BAD_INPUT");
          else {
            self.files.set(sha256, bytes);
            reply(201, "{}");
          }
        } else if (self.files.has(sha256)) reply(200, self.files.get(sha256)!);
        else fault(404, "NOT_FOUND");
      });
    });
    const self = new ArtifactServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return self;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(content: Buffer | string): ArtifactRef {
    const bytes = Buffer.from(content);
    const sha256 = hashOf(bytes);
    this.files.set(sha256, bytes);
    return { sha256, sizeBytes: bytes.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
