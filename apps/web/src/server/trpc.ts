import { isDatabaseUnavailable } from "@octet/db/client";
import { type Role, roleRank } from "@octet/shared/domain/access";
import { AppError, type ErrorCode, type ErrorInfo } from "@octet/shared/errors";
import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import type { Context } from "./context.ts";

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
  if (error.code === "BAD_REQUEST" || error.code === "PARSE_ERROR") return { code: "BAD_INPUT", message: error.message };
  // What was not thrown on purpose may name tables and paths: its text stays here.
  return { code: "INTERNAL", message: "Something went wrong on the server", hint: "The web log has the details." };
}

const t = initTRPC.context<Context>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: infoOf(error).message,
    data: {
      code: shape.data.code,
      httpStatus: shape.data.httpStatus,
      path: shape.data.path,
      octet: infoOf(error),
      fieldErrors: error.cause instanceof z.ZodError ? z.flattenError(error.cause).fieldErrors : null,
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
  if (isDatabaseUnavailable(cause)) {
    const app = new AppError("DATABASE_UNAVAILABLE", "The database cannot be reached now", {
      hint: "It is tried again by itself; try once more in a moment.",
      cause,
    });
    throw new TRPCError({ code: "SERVICE_UNAVAILABLE", message: app.message, cause: app });
  }
  return result;
});

/** Another site may send a browser here with its cookie; a change must come from our own pages. */
const sameOrigin = t.middleware(({ ctx, type, next }) => {
  if (type === "mutation" && ctx.caller?.via === "session") {
    const origin = ctx.headers.get("origin");
    const host = ctx.headers.get("x-forwarded-host") ?? ctx.headers.get("host");
    if (!origin || !host || new URL(origin).host !== host) throw new AppError("FORBIDDEN", "This change came from another site's page");
  }
  return next();
});

const publicProcedure = t.procedure.use(translate);

const atLeast = (role: Role) =>
  publicProcedure.use(sameOrigin).use(({ ctx, next }) => {
    if (!ctx.caller)
      throw new AppError("UNAUTHENTICATED", "Sign in, or send a token", { hint: "Tokens are made under Settings → Tokens." });
    if (roleRank[ctx.caller.role] < roleRank[role])
      throw new AppError("FORBIDDEN", `This needs the role ${role}; yours is ${ctx.caller.role}`, { hint: "Ask an admin." });
    return next({ ctx: { ...ctx, caller: ctx.caller } });
  });

/** The ladder: anyone who is signed in → operators → admins. */
export const signedIn = atLeast("viewer");
export const operator = atLeast("operator");
export const adminOnly = atLeast("admin");
