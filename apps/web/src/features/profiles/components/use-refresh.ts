import { useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "@/lib/trpc";

/** What a mutation of profiles does when it is through: they, their shadows and their jobs are read again. */
export function useRefresh(): { onSuccess(): void } {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return {
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: trpc.profiles.pathKey() });
      void queryClient.invalidateQueries({ queryKey: trpc.shadows.pathKey() });
      void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
    },
  };
}
