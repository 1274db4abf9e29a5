"use client";
import { artifactPath } from "@octet/shared/domain/artifact";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { Card, Chip, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { bytes } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { BenchmarkCard } from "./benchmark-card";
import { precisionNames } from "./figures";
import { GateCard } from "./gate-card";
import { ProfileActions } from "./profile-actions";
import { ProfileJobs } from "./profile-jobs";
import { ShadowCard } from "./shadow-card";
import { ValidationCard } from "./validation-card";

/** One profile: what it was made of, its proof, what the gate says, and what may be done with it. */
export function ProfileView({ id }: { id: string }) {
  const trpc = useTRPC();
  const profile = useQuery(trpc.profiles.byId.queryOptions({ id }));
  if (profile.error) return <ErrorNote error={errorInfo(profile.error)} />;
  if (!profile.data) return <Skeleton className="h-60" />;
  const { name, model, precision, state, reason, sha256, sizeBytes, tool, warnings, validation, benchmark, reportPageSha256, options } =
    profile.data;
  return (
    <>
      <PageHeader title={name} note={sha256 ? `sha256 ${sha256}` : "Not built yet"}>
        <span className="flex flex-wrap gap-1.5">
          <Chip>{precisionNames[precision]}</Chip>
          <Chip>{state}</Chip>
          <Chip>{options.target}</Chip>
          <Chip>
            {model.name} · {model.inputWidth}×{model.inputHeight}
          </Chip>
          {sizeBytes !== null && <Chip>{bytes(sizeBytes)}</Chip>}
          {tool && <Chip>{tool}</Chip>}
        </span>
      </PageHeader>
      {[...(reason ? [`Rejected: ${reason}`] : []), ...warnings].map((text) => (
        <p key={text} className="mb-2 flex items-start gap-2 rounded-md border border-warn/40 bg-warn/8 p-3 text-sm">
          <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden /> {text}
        </p>
      ))}
      <ProfileJobs profileIds={[id]} />
      <div className="grid gap-5 xl:grid-cols-[1fr_24rem]">
        <div className="grid min-w-0 content-start gap-5">
          <ShadowCard profileId={id} />
          {validation && <ValidationCard validation={validation} />}
          {benchmark && <BenchmarkCard benchmark={benchmark} />}
          {!validation && !benchmark && (
            <Card className="p-8 text-center text-sm text-muted">Nothing was measured yet: validate and benchmark it.</Card>
          )}
          {reportPageSha256 && (
            <Card className="min-w-0 overflow-hidden">
              <h2 className="p-5 pb-3 font-medium">How it was quantised</h2>
              <iframe
                title="Quantisation report"
                src={artifactPath(reportPageSha256)}
                sandbox="allow-scripts"
                className="h-[46rem] w-full border-t border-line bg-white"
              />
            </Card>
          )}
        </div>
        <div className="grid min-w-0 content-start gap-5">
          <ProfileActions profile={profile.data} />
          <GateCard profile={profile.data} />
        </div>
      </div>
    </>
  );
}
