"use client";
import { roleRank } from "@octet/shared/domain/access";
import { useQuery } from "@tanstack/react-query";
import { Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { ModelCard } from "./model-card";
import { ModelUpload } from "./model-upload";

export function ModelList() {
  const trpc = useTRPC();
  const { data, error, isPending } = useQuery(trpc.models.list.queryOptions());
  const { data: me } = useQuery(trpc.site.me.queryOptions());
  const rank = me ? roleRank[me.role] : 0;
  return (
    <>
      <PageHeader
        title="Models"
        note={data && data.length > 0 && `${data.length} detector${data.length === 1 ? "" : "s"}, as they were uploaded`}
      />
      {rank >= roleRank.operator && <ModelUpload />}
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && <Skeleton className="h-48" />}
      {data?.length === 0 && <Card className="p-12 text-center text-muted">No models yet.</Card>}
      <ul className="grid grid-cols-1 gap-4 lg:grid-cols-2 2xl:grid-cols-3">
        {data?.map((model) => (
          <ModelCard key={model.id} model={model} mayEdit={rank >= roleRank.operator} mayRemove={rank >= roleRank.admin} />
        ))}
      </ul>
    </>
  );
}
