import { roleRank } from "@octet/shared/domain/access";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/lib/trpc";

/** What the person who looks may do; nothing before it is known. */
export function useRank(): { operates: boolean; administers: boolean } {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.site.me.queryOptions());
  const rank = data ? roleRank[data.role] : 0;
  return { operates: rank >= roleRank.operator, administers: rank >= roleRank.admin };
}
