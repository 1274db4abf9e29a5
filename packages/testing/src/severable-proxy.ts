import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A TCP way to a server that can be cut as a network is: what is under way hangs, as packets that get lost would, nothing new
 * gets through, and neither side is told.
 */
export class SeverableProxy implements AsyncDisposable {
  private readonly server: Server;
  private readonly pairs = new Set<[Socket, Socket]>();
  private severed = false;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(target: { host: string; port: number }): Promise<SeverableProxy> {
    const server = createServer();
    const proxy = new SeverableProxy(server);
    server.on("connection", (near) => {
      near.on("error", () => near.destroy());
      // As a host that answers nothing: whoever tries gives up by itself.
      if (proxy.severed) return void proxy.hold(near);
      const far = connect(target);
      const pair: [Socket, Socket] = [near, far];
      proxy.pairs.add(pair);
      for (const [from, to] of [pair, [far, near] as const]) {
        from.on("data", (chunk) => {
          if (!proxy.severed) to.write(chunk);
        });
        from.on("error", () => from.destroy());
        from.on("close", () => {
          proxy.pairs.delete(pair);
          if (!proxy.severed) to.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  sever(): void {
    this.severed = true;
  }

  /** New connections get through again; those from before are gone, as after a long outage. */
  mend(): void {
    this.severed = false;
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.pairs.clear();
  }

  private hold(socket: Socket): void {
    this.pairs.add([socket, socket]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mend();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
