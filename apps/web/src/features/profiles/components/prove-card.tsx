"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Card, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { BenchmarkForm } from "./benchmark-form";
import type { Profile } from "./figures";
import { useRefresh } from "./use-refresh";
import { chosenWorker, WorkerChoice } from "./worker-choice";

/** The way to proof: validate and benchmark. */
export function ProveCard({ profile }: { profile: Profile }) {
  const trpc = useTRPC();
  const datasets = useQuery(trpc.datasets.list.queryOptions());
  const validate = useMutation(trpc.profiles.validate.mutationOptions({ ...useRefresh(), meta: { inline: true } }));
  const [version, setVersion] = useState("");
  const versions = datasets.data?.flatMap(({ name, kind, versions: all }) => all.map((one) => ({ name, kind, ...one }))) ?? [];
  const chosen = versions.find(({ id }) => id === version);
  const built = profile.sha256 !== null;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    validate.mutate({ id: profile.id, datasetVersionId: version, onWorkerId: chosenWorker(new FormData(event.currentTarget)) });
  };
  return (
    <Card className="grid min-w-0 content-start gap-5 p-5">
      <h2 className="font-medium">Prove it</h2>
      <form onSubmit={submit} className="grid gap-2">
        <Field
          label="Validate on"
          help={
            chosen?.layout === "images"
              ? "It has no labels: the FP32 model's own detections stand for them (pseudo-labels)."
              : "Sets without labels are labelled by the FP32 model (pseudo-labels)."
          }
        >
          <Select value={version} onChange={(event) => setVersion(event.target.value)}>
            <option value="">Choose a data set</option>
            {versions.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} v{one.version} ({one.imageCount} images,{" "}
                {one.layout === "images" ? "pseudo-labels" : `${one.labelCount} objects`})
              </option>
            ))}
          </Select>
        </Field>
        <WorkerChoice />
        <div>
          <Button type="submit" disabled={!built || version === "" || validate.isPending}>
            Validate
          </Button>
        </div>
        {validate.error && <ErrorNote error={errorInfo(validate.error)} />}
      </form>
      <BenchmarkForm profileId={profile.id} built={built} />
      {!built && <p className="text-xs text-muted">It can be proven when it is built.</p>}
    </Card>
  );
}
