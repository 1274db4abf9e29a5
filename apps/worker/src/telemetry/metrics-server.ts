import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface MetricsServerOptions {
  port: number;
  host: string;
  metrics(): Promise<string>;
  /** Why this worker cannot take cameras now; null: it can. */
  notReady(): string | null;
}

/** `/metrics` for Prometheus, `/healthz` (it is alive) and `/readyz` (it has joined the gateway) for whoever runs it. */
export class MetricsServer {
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  /** Rejects where the address cannot be listened on. */
  static async start({ port, host, metrics, notReady }: MetricsServerOptions): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const answer = (status: number, text: string, type = "text/plain; charset=utf-8"): void =>
        void response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(request.method === "HEAD" ? "" : text);
      if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "Only GET\n");
      switch (new URL(request.url ?? "/", "http://worker").pathname) {
        case "/healthz":
          return answer(200, "ok\n");
        case "/readyz": {
          const reason = notReady();
          return answer(reason === null ? 200 : 503, `${reason ?? "ok"}\n`);
        }
        case "/metrics":
          metrics().then(
            (text) => answer(200, text, "text/plain; version=0.0.4; charset=utf-8"),
            () => answer(500, "The metrics could not be read\n"),
          );
          return;
        default:
          return answer(404, "Here are /metrics, /healthz and /readyz\n");
      }
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return new MetricsServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
