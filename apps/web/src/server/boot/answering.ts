import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/**
 * A listener that answers also where `handle` fails: with 500, or, where the answer had begun, by cutting it off. A request
 * that is left without either is waited for without end, and holds one of a browser's six connections.
 */
export function answering(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  report: (error: unknown) => void,
): RequestListener {
  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      report(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
}
