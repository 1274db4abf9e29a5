"use client";
import { sizeName } from "@octet/shared/planning/frame-size";
import { useQuery } from "@tanstack/react-query";
import { Card, Chip, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { bytes } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { AnalysisCard } from "./analysis/analysis-card";
import { BenchmarkCard } from "./benchmark-card";
import { CheckCard } from "./check-card";
import { precisionNames } from "./figures";
import { GateCard } from "./gate-card";
import { ProfileJobs } from "./profile-jobs";
import { OtherHosts } from "./other-hosts";
import { PromotionList } from "./promotion-list";
import { ProveCard } from "./prove-card";
import { RejectForm } from "./reject-form";
import { RunCard } from "./run-card";
import { ShadowCard } from "./shadow-card";
import { useRank } from "./use-rank";
import { ValidationCard } from "./validation-card";
import { VersionLink } from "./version-link";
import { Warnings } from "./warnings";

/** One profile: what it was made of, its proof, what the gate says, and what may be done with it. */
export function ProfileView({ id }: { id: string }) {
  const trpc = useTRPC();
  const profile = useQuery(trpc.profiles.byId.queryOptions({ id }));
  const { operates } = useRank();
  if (profile.error) return <ErrorNote error={errorInfo(profile.error)} />;
  if (!profile.data) return <Skeleton className="h-60" />;
  const { name, model, precision, state, reason, sha256, sizeBytes, tool, warnings, validation, benchmark, elsewhere, options } =
    profile.data;
  const { reportSha256, reportPageSha256, promotions, gate, calibratedOn, validatedOn } = profile.data;
  const maxDropPoints = gate.findings.find(({ check }) => check === "accuracy-drop")?.limit ?? 1;
  return (
    <>
      <PageHeader title={name} note={sha256 ? `sha256 ${sha256}` : "Not built yet"}>
        <span className="flex flex-wrap gap-1.5">
          <Chip>{precisionNames[precision]}</Chip>
          <Chip>{state}</Chip>
          <Chip>{options.target}</Chip>
          {options.decodeSize && <Chip>decode ≤ {sizeName(options.decodeSize)}</Chip>}
          <Chip>
            {model.name} · {model.inputWidth}×{model.inputHeight}
          </Chip>
          {sizeBytes !== null && <Chip>{bytes(sizeBytes)}</Chip>}
          {tool && <Chip>{tool}</Chip>}
          {calibratedOn && (
            <Chip>
              calibrated on <VersionLink of={calibratedOn} />
            </Chip>
          )}
        </span>
      </PageHeader>
      <Warnings texts={[...(reason ? [`Rejected: ${reason}`] : []), ...warnings]} />
      <ProfileJobs profileIds={[id]} />
      <div className="grid gap-5 xl:grid-cols-[1fr_24rem]">
        <div className="grid min-w-0 content-start gap-5">
          <ShadowCard profileId={id} />
          {validation && <ValidationCard validation={validation} on={validatedOn} maxDropPoints={maxDropPoints} />}
          {benchmark && <BenchmarkCard benchmark={benchmark} />}
          <OtherHosts hosts={elsewhere} />
          {!validation && !benchmark && (
            <Card className="p-8 text-center text-sm text-muted">
              {precision === "fp32"
                ? "FP32 is what the others are held against: it is measured along with each of them."
                : "Nothing was measured yet: validate and benchmark it."}
            </Card>
          )}
          {precision === "int8-qat" && <CheckCard profile={profile.data} />}
          {reportSha256 && <AnalysisCard reportSha256={reportSha256} reportPageSha256={reportPageSha256} />}
        </div>
        <div className="grid min-w-0 content-start gap-5">
          <PromotionList promotions={promotions} />
          <GateCard profile={profile.data} />
          {operates && (
            <>
              {precision !== "fp32" && <ProveCard profile={profile.data} />}
              <RunCard profile={profile.data} />
              <RejectForm profile={profile.data} />
            </>
          )}
        </div>
      </div>
    </>
  );
}
