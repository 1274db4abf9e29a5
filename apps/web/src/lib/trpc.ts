"use client";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import type { TRPCClientErrorLike } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "@/server/root";

export const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();

/** What went wrong, in words for a person. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof AppError) return error.toInfo();
  const info = (error as TRPCClientErrorLike<AppRouter> & { data?: { octet?: ErrorInfo } })?.data?.octet;
  return info ?? { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}

export function fieldErrors(error: unknown): Record<string, string[] | undefined> {
  return (error as { data?: { fieldErrors?: Record<string, string[]> | null } } | null)?.data?.fieldErrors ?? {};
}
