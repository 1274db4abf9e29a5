import type { CommandContext } from "../context.ts";
import { OctetApi } from "./api.ts";
import { requireConnection } from "./connection.ts";

/** @throws AppError BAD_INPUT where no server is known */
export const openApi = ({ env }: CommandContext): OctetApi => new OctetApi(requireConnection(env()));
