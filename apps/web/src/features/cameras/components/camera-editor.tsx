"use client";
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { CameraForm } from "./camera-form";

export function CameraEditor({ id }: { id: string }) {
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.cameras.get.queryOptions({ id }));
  if (error) return <ErrorNote error={errorInfo(error)} />;
  if (!data) return <Skeleton className="h-64" />;
  return (
    <>
      <PageHeader title={`Edit ${data.name}`} />
      <CameraForm camera={{ ...data, createdAt: new Date(data.createdAt), updatedAt: new Date(data.updatedAt) }} />
    </>
  );
}
