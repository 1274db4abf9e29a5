"use client";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import { TRPCClientError, type TRPCClientErrorLike } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "@/server/root";

export const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();

/** What went wrong, in words for a person. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof AppError) return error.toInfo();
  const data = (error as TRPCClientErrorLike<AppRouter> & { data?: { octet?: ErrorInfo } })?.data;
  // Nothing came back, or something that is not of our server: a proxy's page, say.
  if (error instanceof TRPCClientError && !data)
    return { code: "SERVER_UNREACHABLE", message: "The server did not answer", hint: "Check the connection, and try again in a moment." };
  return data?.octet ?? { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}

export function fieldErrors(error: unknown): Record<string, string[] | undefined> {
  return (error as { data?: { fieldErrors?: Record<string, string[]> | null } } | null)?.data?.fieldErrors ?? {};
}
