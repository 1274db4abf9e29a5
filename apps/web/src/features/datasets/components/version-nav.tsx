"use client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@/components/ui/link";
import { cn } from "@/lib/cn";
import { count } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";

/** The versions of a data set, to go from one to the other. */
export function VersionNav({ datasetId, versionId }: { datasetId: string; versionId: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.datasets.list.queryOptions());
  const versions = data?.find(({ id }) => id === datasetId)?.versions ?? [];
  if (versions.length < 2) return null;
  return (
    <nav aria-label="Versions" className="mb-4 flex gap-2 overflow-x-auto p-0.5">
      {versions.map(({ id, version, imageCount }) => (
        <Link
          key={id}
          href={`/datasets/${id}`}
          aria-current={id === versionId ? "page" : undefined}
          className={cn(
            "rounded-md border border-line px-3 py-1.5 text-sm whitespace-nowrap hover:border-accent",
            id === versionId ? "bg-raised font-medium" : "text-muted",
          )}
        >
          v{version} <span className="font-mono text-xs">{count(imageCount)} images</span>
        </Link>
      ))}
    </nav>
  );
}
