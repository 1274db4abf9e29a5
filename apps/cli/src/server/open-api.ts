import type { CommandContext } from "../context.ts";
import type { OctetApi } from "./api.ts";
import { requireConnection } from "./connection.ts";

/** The client is loaded here, so that commands without a server start without it. @throws AppError BAD_INPUT where no server is known */
export async function openApi({ env }: CommandContext): Promise<OctetApi> {
  const connection = requireConnection(env());
  const { OctetApi: Api } = await import("./api.ts");
  return new Api(connection);
}
