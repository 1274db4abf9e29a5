"use client";
import { MutationCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { ThemeProvider, useTheme } from "next-themes";
import { type ReactNode, useState } from "react";
import { Toaster, type ToasterProps, toast } from "sonner";
import { errorInfo, TRPCProvider } from "@/lib/trpc";
import type { AppRouter } from "@/server/root";
import { NavigationProgress } from "./navigation-progress";

export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { staleTime: 5000, retry: 1 } },
        mutationCache: new MutationCache({
          onError: (error, _variables, _context, mutation) => {
            if (mutation.meta?.["inline"]) return;
            const { code, message, hint } = errorInfo(error);
            toast.error(message, { description: hint ? `${hint} (${code})` : code });
          },
        }),
      }),
  );
  const [trpcClient] = useState(() => createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "/api/trpc" })] }));
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      <QueryClientProvider client={queryClient}>
        <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
          <NavigationProgress />
          {children}
          <Toasts />
        </TRPCProvider>
      </QueryClientProvider>
    </ThemeProvider>
  );
}

/** In the theme that was chosen, which need not be the system's. */
function Toasts() {
  const { resolvedTheme } = useTheme();
  return <Toaster position="bottom-right" richColors closeButton theme={resolvedTheme as ToasterProps["theme"]} />;
}
