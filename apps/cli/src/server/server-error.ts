import { errorInfoSchema } from "@octet/shared/domain/error-info";
import { AppError } from "@octet/shared/errors";
import { TRPCClientError } from "@trpc/client";
import { z } from "zod";

const octetDataSchema = z.object({ octet: errorInfoSchema });
const httpDataSchema = z.object({ httpStatus: z.number() });

/** The innermost reason: fetch wraps it ("fetch failed"). */
function rootCause(error: unknown): Error & { code?: string } {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  // Several addresses (::1 and 127.0.0.1) were tried.
  if (current instanceof AggregateError && current.errors[0] instanceof Error) return current.errors[0];
  return current instanceof Error ? current : new Error(String(current));
}

/** Whether nobody answered: a server that restarts may do so soon. */
export const isUnreachable = ({ cause }: AppError): boolean =>
  cause instanceof TRPCClientError && !httpDataSchema.safeParse(cause.data).success && !octetDataSchema.safeParse(cause.data).success;

/** What a call that failed means to a person. */
export function serverError(error: unknown, url: string): AppError {
  if (error instanceof TRPCClientError) {
    const own = octetDataSchema.safeParse(error.data);
    if (own.success) return AppError.fromInfo(own.data.octet);
    const http = httpDataSchema.safeParse(error.data);
    if (http.success) return new AppError("INTERNAL", `${url} answered ${http.data.httpStatus}: ${error.message}`, { cause: error });
  }
  const cause = rootCause(error);
  if (cause.name === "TimeoutError")
    return new AppError("INTERNAL", `${url} did not answer in time`, { hint: "Look at the server's log.", cause: error });
  if (cause instanceof SyntaxError || /is not valid JSON|Unable to transform/.test(cause.message))
    return new AppError("BAD_INPUT", `${url} does not answer as Octet does`, {
      hint: "Check OCTET_URL: it is the dashboard's address.",
      cause: error,
    });
  return new AppError("BAD_INPUT", `Octet at ${url} cannot be reached: ${cause.code ?? cause.message}`, {
    hint: "Start it with `npm start`, or set OCTET_URL to the dashboard's address.",
    cause: error,
  });
}
