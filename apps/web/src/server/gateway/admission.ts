import { AppError } from "@octet/shared/errors";
import { PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import type { Socket } from "socket.io";
import type { GatewayDependencies } from "./dependencies.ts";

type Next = (error?: Error) => void;

/** Lets a worker in that has a token and speaks this protocol. */
export async function admitWorker(socket: Socket, next: Next, deps: Pick<GatewayDependencies, "verifyWorkerToken">): Promise<void> {
  try {
    const { token, protocol } = socket.handshake.auth as { token?: unknown; protocol?: unknown };
    if (protocol !== PROTOCOL_VERSION)
      throw new AppError("PROTOCOL_MISMATCH", `This gateway speaks protocol ${PROTOCOL_VERSION}, the worker ${String(protocol)}`, {
        hint: "Run the same version of Octet on both.",
      });
    if (!(await deps.verifyWorkerToken(String(token ?? ""))))
      throw new AppError("UNAUTHENTICATED", "The worker token is not valid", {
        hint: "Make one under Settings → Tokens and set OCTET_WORKER_TOKEN.",
      });
    next();
  } catch (error) {
    next(withInfo(error));
  }
}

/** Lets a browser in whose session is valid. */
export async function admitBrowser(socket: Socket, next: Next, deps: Pick<GatewayDependencies, "sessionOf">): Promise<void> {
  try {
    const session = await deps.sessionOf(headersOf(socket));
    if (!session) throw new AppError("UNAUTHENTICATED", "Sign in first");
    next();
  } catch (error) {
    next(withInfo(error));
  }
}

export const headersOf = ({ handshake: { headers } }: Socket): Headers =>
  new Headers({ cookie: headers.cookie ?? "", host: headers.host ?? "" });

/** socket.io sends `data` of an error to the client. */
function withInfo(error: unknown): Error {
  const app = AppError.from(error);
  return Object.assign(new Error(app.message), { data: app.toInfo() });
}
