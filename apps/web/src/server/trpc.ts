import type { Role } from "@octet/shared/domain/access";
import { AppError, type ErrorCode, type ErrorInfo } from "@octet/shared/errors";
import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import { authorise, type Context, databaseAway } from "./context.ts";

type TrpcCode = TRPCError["code"];

const trpcCodes: Partial<Record<ErrorCode, TrpcCode>> = {
  NOT_FOUND: "NOT_FOUND",
  CONFLICT: "CONFLICT",
  UNAUTHENTICATED: "UNAUTHORIZED",
  FORBIDDEN: "FORBIDDEN",
  INTERNAL: "INTERNAL_SERVER_ERROR",
  DATABASE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  WORKER_UNAVAILABLE: "SERVICE_UNAVAILABLE",
};

function infoOf(error: TRPCError): ErrorInfo {
  if (error.cause instanceof AppError) return error.cause.toInfo();
  if (error.cause instanceof z.ZodError) return { code: "BAD_INPUT", message: error.cause.issues[0]?.message ?? "The input is not valid" };
  if (error.code === "NOT_FOUND") return { code: "NOT_FOUND", message: error.message };
  // Everything else that tRPC itself refuses is the request's fault: its method, its type, its size.
  if (error.code !== "INTERNAL_SERVER_ERROR") return { code: "BAD_INPUT", message: error.message };
  // What was not thrown on purpose may name tables and paths: its text stays here.
  return { code: "INTERNAL", message: "Something went wrong on the server", hint: "The web log has the details." };
}

/** Messages by the name of the field, however deep it lies: `patch.url` is the form's `url`. */
function fieldErrorsOf(error: z.ZodError): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const { path, message } of error.issues) {
    const name = path.findLast((part) => typeof part === "string");
    if (name !== undefined) fields[name] = [...(fields[name] ?? []), message];
  }
  return fields;
}

/** What docs/api.md tells of a procedure. */
export interface ProcedureMeta {
  /** Who may call it at least: set by the ladder below, and by nobody else. */
  role?: Role;
  /** One line without a full stop. */
  summary?: string;
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      message: infoOf(error).message,
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shape.data.path,
        octet: infoOf(error),
        fieldErrors: error.cause instanceof z.ZodError ? fieldErrorsOf(error.cause) : null,
      },
    }),
  });

export const router = t.router;

/** The one place where errors change their kind: AppError → TRPCError. */
const translate = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  if (cause instanceof AppError) throw new TRPCError({ code: trpcCodes[cause.code] ?? "BAD_REQUEST", message: cause.message, cause });
  const away = databaseAway(cause);
  if (away) throw new TRPCError({ code: "SERVICE_UNAVAILABLE", message: away.message, cause: away });
  return result;
});

const publicProcedure = t.procedure.use(translate);

const atLeast = (role: Role) =>
  publicProcedure.meta({ role }).use(async ({ ctx, type, next }) => {
    const caller = authorise(await ctx.findCaller(), role, { changes: type === "mutation", headers: ctx.headers });
    return next({ ctx: { ...ctx, caller } });
  });

/** The ladder: anyone who is signed in → operators → admins. */
export const signedIn = atLeast("viewer");
export const operator = atLeast("operator");
export const adminOnly = atLeast("admin");
