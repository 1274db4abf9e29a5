"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { BuildForm } from "./build-form";
import { type Profile, plotPoints } from "./figures";
import { FormatsTable } from "./formats-table";
import { ProfileJobs } from "./profile-jobs";
import { ProfileTable } from "./profile-table";
import { QuantizerExplainer } from "./quantizer-explainer";
import { TradeOffPlot } from "./trade-off-plot";

/** Every model with its profiles side by side, what they cost and give, and the way to a new one. */
export function PrecisionPage() {
  const trpc = useTRPC();
  const profiles = useQuery(trpc.profiles.list.queryOptions());
  const models = new Map<string, { name: string; profiles: Profile[] }>();
  for (const profile of profiles.data ?? []) {
    const model = models.get(profile.model.id) ?? { name: profile.model.name, profiles: [] };
    model.profiles.push(profile);
    models.set(profile.model.id, model);
  }
  return (
    <>
      <PageHeader
        title="Precision"
        note="What each form of a model costs and gives: built from a model and a calibration set, proven against FP32, promoted when the gate lets it."
      />
      {profiles.isPending && <Skeleton className="h-60" />}
      {profiles.error && <ErrorNote error={errorInfo(profiles.error)} />}
      {profiles.data?.length === 0 && (
        <Card className="p-8 text-center">
          <p className="font-medium">There are no models yet</p>
          <p className="mt-1 text-sm text-muted">
            Upload an ONNX detector under{" "}
            <Link href="/models" className="text-accent underline">
              Models
            </Link>
            ; its FP32 profile is there at once.
          </p>
        </Card>
      )}
      <div className="grid gap-5">
        {[...models].map(([id, model]) => (
          <ModelCard key={id} modelId={id} name={model.name} profiles={model.profiles} />
        ))}
        <QuantizerExplainer />
        <FormatsTable />
      </div>
    </>
  );
}

function ModelCard({ modelId, name, profiles }: { modelId: string; name: string; profiles: readonly Profile[] }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [building, setBuilding] = useState(false);
  const queued = (): void => {
    setBuilding(false);
    void queryClient.invalidateQueries({ queryKey: trpc.profiles.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
  };
  return (
    <Card className="min-w-0 p-5">
      <header className="mb-3 flex flex-wrap items-center gap-3">
        <h2 className="mr-auto font-medium">{name}</h2>
        <Button kind={building ? "plain" : "primary"} aria-expanded={building} onClick={() => setBuilding(!building)}>
          {building ? "Close" : "New profile"}
        </Button>
      </header>
      {building && (
        <div className="mb-5 rounded-lg border border-line p-4">
          <BuildForm modelId={modelId} onQueued={queued} />
        </div>
      )}
      <ProfileJobs profileIds={profiles.map(({ id }) => id)} />
      <div className="grid gap-6 xl:grid-cols-[1fr_26rem]">
        <ProfileTable profiles={profiles} />
        <TradeOffPlot points={plotPoints(profiles)} />
      </div>
    </Card>
  );
}
