"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "@/components/ui/confirm";
import { Button, Card, Input, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { ago } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { Profile } from "./figures";

/** The steps from a built profile to one that runs: validate, benchmark, shadow, promote, roll back. */
export function ProfileActions({ profile }: { profile: Profile }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const refresh = {
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: trpc.profiles.pathKey() });
      void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
    },
  };
  const datasets = useQuery(trpc.datasets.list.queryOptions());
  const validate = useMutation(trpc.profiles.validate.mutationOptions(refresh));
  const benchmark = useMutation(trpc.profiles.benchmark.mutationOptions(refresh));
  const shadow = useMutation(trpc.profiles.shadow.mutationOptions(refresh));
  const promote = useMutation(trpc.profiles.promote.mutationOptions(refresh));
  const rollBack = useMutation(trpc.profiles.rollBack.mutationOptions(refresh));
  const [version, setVersion] = useState("");
  const [streams, setStreams] = useState(70);
  const [tag, setTag] = useState("");
  const [reason, setReason] = useState("");
  const versions = datasets.data?.flatMap(({ name, kind, versions: all }) => all.map((one) => ({ name, kind, ...one }))) ?? [];
  const built = profile.sha256 !== null;
  const where = tag.trim() === "" ? ({ scope: "site" } as const) : ({ scope: "tag", value: tag.trim() } as const);
  const overrides = !profile.gate.passed;
  const error = validate.error ?? benchmark.error ?? shadow.error ?? promote.error ?? rollBack.error;

  return (
    <Card className="grid min-w-0 content-start gap-5 p-5">
      <h2 className="font-medium">Next</h2>
      <div className="grid gap-2">
        <Field label="Validate on" help="Images without labels are labelled by the FP32 model (pseudo-labels).">
          <Select value={version} onChange={(event) => setVersion(event.target.value)}>
            <option value="">Choose a data set</option>
            {versions.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} v{one.version} ({one.kind}, {one.imageCount} images)
              </option>
            ))}
          </Select>
        </Field>
        <div>
          <Button
            disabled={!built || version === "" || validate.isPending}
            onClick={() => validate.mutate({ id: profile.id, datasetVersionId: version })}
          >
            Validate
          </Button>
        </div>
      </div>
      <div className="grid gap-2">
        <Field label="Benchmark, up to so many streams at 5 fps" help="0: latency and throughput only.">
          <Input type="number" min={0} max={500} value={streams} onChange={(event) => setStreams(Number(event.target.value))} />
        </Field>
        <div>
          <Button
            disabled={!built || benchmark.isPending}
            onClick={() =>
              benchmark.mutate({ id: profile.id, streams: streams > 0 ? { count: streams, fps: 5, decode: false, budgetMs: 200 } : null })
            }
          >
            Benchmark
          </Button>
        </div>
      </div>
      <div className="grid gap-2">
        <Field label="Where" help="A tag of cameras; empty: the whole site.">
          <Input value={tag} onChange={(event) => setTag(event.target.value)} maxLength={60} />
        </Field>
        {overrides && built && (
          <Field label="Reason to override the gate" help="Needs an admin, and is written into the audit log.">
            <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} />
          </Field>
        )}
        <div className="flex flex-wrap gap-2">
          <Button disabled={!built || shadow.isPending} onClick={() => shadow.mutate({ id: profile.id, where, share: 0.2 })}>
            Run in the shadow
          </Button>
          <Confirm
            trigger={
              <Button kind="primary" disabled={!built || promote.isPending || (overrides && reason.trim().length < 10)}>
                {overrides ? "Promote all the same" : "Promote"}
              </Button>
            }
            title={`Promote ${profile.name}?`}
            text={
              overrides
                ? "The gate says no. Your reason is written into the audit log."
                : "Cameras change over at once; one click brings back what runs now."
            }
            action="Promote"
            onConfirm={() => promote.mutate({ id: profile.id, where, overrideReason: overrides ? reason.trim() : null })}
          />
        </div>
      </div>
      {profile.promotions.length > 0 && (
        <ul className="grid gap-2 border-t border-line pt-4">
          {profile.promotions.map(({ id, role, scope, scopeValue, createdAt, overridden }) => (
            <li key={id} className="flex flex-wrap items-center gap-3 text-sm">
              <span className="mr-auto">
                {role === "active" ? "Runs" : "In the shadow"} on {scope === "site" ? "the whole site" : `${scope} ${scopeValue}`}
                <span className="block text-xs text-muted" suppressHydrationWarning>
                  since {ago(new Date(createdAt).getTime())}
                  {overridden && `, gate overridden: ${overridden}`}
                </span>
              </span>
              <Button kind="danger" disabled={rollBack.isPending} onClick={() => rollBack.mutate({ promotionId: id })}>
                {role === "active" ? "Roll back" : "End the shadow"}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {error && <ErrorNote error={errorInfo(error)} />}
    </Card>
  );
}
