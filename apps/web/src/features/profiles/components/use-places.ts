import { placeName } from "@octet/shared/domain/place-name";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/lib/trpc";

export interface Places {
  cameras: { id: string; name: string; tags: string[] }[];
  /** Sorted, of all cameras. */
  tags: string[];
  /** Where a promotion counts, for people. */
  nameOf(scope: string, value: string): string;
}

/** Where profiles can be promoted to: the site, its tags, its cameras. */
export function usePlaces(): Places {
  const trpc = useTRPC();
  const { data = [] } = useQuery(trpc.cameras.list.queryOptions());
  return {
    cameras: data,
    tags: [...new Set(data.flatMap(({ tags }) => tags))].sort(),
    nameOf: (scope, value) => placeName(scope, value, (id) => data.find((camera) => camera.id === id)?.name),
  };
}
