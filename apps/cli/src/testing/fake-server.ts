import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

type Procedure = (input: unknown) => unknown;

/** For tests: what a procedure throws, as the web app's error formatter puts it on the wire. */
export class FakeFailure extends Error {
  readonly octet: { code: string; message: string; hint?: string };

  constructor(octet: { code: string; message: string; hint?: string }) {
    super(octet.message);
    this.octet = octet;
  }
}

/** For tests: tRPC over HTTP without batches and transformer, as the web app speaks it, and `/api/health`. */
export class FakeServer implements AsyncDisposable {
  readonly calls: { procedure: string; input: unknown; token: string | undefined }[] = [];
  health: unknown = null;
  readonly #server: Server;

  private constructor(procedures: Readonly<Record<string, Procedure>>) {
    this.#server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (pathname === "/api/health") return answer(200, this.health);
      const procedure = pathname.replace("/api/trpc/", "");
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const text = request.method === "GET" ? searchParams.get("input") : body;
      const input: unknown = text ? JSON.parse(text) : undefined;
      this.calls.push({ procedure, input, token: request.headers.authorization });
      try {
        const run = procedures[procedure];
        if (!run) throw new FakeFailure({ code: "NOT_FOUND", message: `No procedure "${procedure}"` });
        answer(200, { result: { data: run(input) } });
      } catch (error) {
        const octet = error instanceof FakeFailure ? error.octet : { code: "INTERNAL", message: String(error) };
        answer(400, {
          error: { message: octet.message, code: -32600, data: { code: "BAD_REQUEST", httpStatus: 400, path: procedure, octet } },
        });
      }
    });
  }

  static async start(procedures: Readonly<Record<string, Procedure>>): Promise<FakeServer> {
    const fake = new FakeServer(procedures);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
