import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createLogger } from "@/logger";
import { createContext } from "@/server/context";
import { appRouter } from "@/server/root";

export const dynamic = "force-dynamic";

let logger: ReturnType<typeof createLogger> | undefined;

const handler = (request: Request): Promise<Response> =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => createContext(request.headers),
    responseMeta: () => ({ headers: { "cache-control": "no-store" } }),
    onError: ({ error, path }) => {
      // The answer says only that something went wrong: this is the one place to learn what.
      if (error.code !== "INTERNAL_SERVER_ERROR") return;
      logger ??= createLogger();
      logger.error({ path, err: error.cause ?? error }, "a request failed");
    },
  });

export { handler as GET, handler as POST };
