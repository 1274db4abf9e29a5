import { type AccessToken, accessTokenSchema } from "@octet/shared/domain/access";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

export const createdTokenSchema = accessTokenSchema.extend({ token: z.string() });

export const listTokens = (api: OctetApi): Promise<AccessToken[]> => api.query("tokens.list", undefined, z.array(accessTokenSchema));

/** By name or id. @throws AppError NOT_FOUND, BAD_INPUT where several are named so */
export const findToken = async (api: OctetApi, text: string): Promise<AccessToken> =>
  pickNamed(await listTokens(api), text, "token", "octet tokens list");
