import { AppError } from "@octet/shared/errors";
import { createTRPCUntypedClient, httpLink } from "@trpc/client";
import type { z } from "zod";
import type { Connection } from "./connection.ts";
import { serverError } from "./server-error.ts";

/** A camera's test may take half a minute by itself. */
const TIMEOUT_MS = 60_000;

/** Calls of the server's procedures, each answer checked against its schema. */
export class OctetApi {
  readonly url: string;
  readonly #client: ReturnType<typeof createTRPCUntypedClient>;

  constructor({ url, token }: Connection & { token: string }) {
    this.url = url;
    this.#client = createTRPCUntypedClient({
      links: [
        httpLink({
          url: `${url}/api/trpc`,
          headers: { authorization: `Bearer ${token}` },
          fetch: (input, init) => fetch(input as string, { ...(init as RequestInit), signal: AbortSignal.timeout(TIMEOUT_MS) }),
        }),
      ],
    });
  }

  /** @throws AppError the server's own, or BAD_INPUT / INTERNAL where it cannot be reached or understood */
  query<Schema extends z.ZodType>(procedure: string, input: unknown, schema: Schema): Promise<z.output<Schema>> {
    return this.#call(procedure, schema, () => this.#client.query(procedure, input));
  }

  /** @throws as `query` */
  mutate<Schema extends z.ZodType>(procedure: string, input: unknown, schema: Schema): Promise<z.output<Schema>> {
    return this.#call(procedure, schema, () => this.#client.mutation(procedure, input));
  }

  async #call<Schema extends z.ZodType>(procedure: string, schema: Schema, call: () => Promise<unknown>): Promise<z.output<Schema>> {
    const answer = await call().catch((error: unknown) => {
      throw serverError(error, this.url);
    });
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new AppError(
      "PROTOCOL_MISMATCH",
      `${this.url} gave an answer to ${procedure} that this CLI does not understand: ${issue?.path.join(".")}: ${issue?.message}`,
      {
        hint: "Use the CLI of the same version as the server.",
        cause: parsed.error,
      },
    );
  }
}
