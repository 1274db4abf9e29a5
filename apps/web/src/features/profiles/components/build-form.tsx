"use client";
import { parseFrameSize } from "@octet/shared/planning/frame-size";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Input, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { chosenWorker, WorkerChoice } from "./worker-choice";

const help = {
  "int8-ptq": "Frames of your own cameras are best. 1000 are asked for.",
  fp16: "With one, what leaves float16's range on its images stays in float32.",
} as const;

/** What is to be built: precision, target, method and calibration set. The defaults are what measures best. */
export function BuildForm({ modelId, onQueued }: { modelId: string; onQueued(): void }) {
  const trpc = useTRPC();
  const datasets = useQuery(trpc.datasets.list.queryOptions());
  const build = useMutation(trpc.profiles.create.mutationOptions({ onSuccess: onQueued, meta: { inline: true } }));
  const [precision, setPrecision] = useState<"fp16" | "int8-ptq">("int8-ptq");
  const versions =
    datasets.data
      ?.filter(({ kind }) => kind === "calibration")
      .flatMap(({ name, versions: all }) => all.map((version) => ({ name, ...version }))) ?? [];

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "");
    build.mutate({
      modelId,
      ...(text("name") ? { name: text("name") } : {}),
      calibrationVersionId: text("calibration") || null,
      onWorkerId: chosenWorker(form),
      options: {
        precision,
        target: text("target") as "onnxruntime" | "tensorrt",
        method: text("method") === "" ? null : (text("method") as "minmax"),
        refine: (text("refine") || "feedback") as "feedback",
        mixedPrecision: (text("mixed") || "auto") as "auto" | "off",
        heads: text("heads") === "int8" ? "int8" : "float",
        hostLatency: form.has("latency"),
        maxLatencyMs: text("budget") ? Number(text("budget")) : null,
        decodeSize: parseFrameSize(text("decode")),
      },
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <Field label="Precision">
          <Select value={precision} onChange={(event) => setPrecision(event.target.value as "fp16" | "int8-ptq")}>
            <option value="int8-ptq">INT8, by calibration (PTQ)</option>
            <option value="fp16">FP16</option>
          </Select>
        </Field>
        <Field label="Runs on">
          <Select name="target" defaultValue="onnxruntime">
            <option value="onnxruntime">ONNX Runtime, CPU</option>
            <option value="tensorrt">TensorRT</option>
          </Select>
        </Field>
        <Field label="Decode at most" help="Cameras that send more say so">
          <Select name="decode" defaultValue="">
            <option value="">what they send</option>
            <option value="1920x1080">1920×1080</option>
            <option value="1280x720">1280×720</option>
            <option value="960x540">960×540</option>
            <option value="640x360">640×360</option>
          </Select>
        </Field>
        <Field label="Name" help="Empty: made of the model's name">
          <Input name="name" maxLength={120} />
        </Field>
      </div>
      <Field label="Calibration set" help={help[precision]}>
        <Select key={precision} name="calibration" required={precision === "int8-ptq"} defaultValue="">
          <option value="" disabled={precision === "int8-ptq"}>
            {versions.length === 0 ? "There is none yet: collect or upload one under Data sets" : precision === "fp16" ? "None" : "Choose"}
          </option>
          {versions.map((version) => (
            <option key={version.id} value={version.id}>
              {version.name} v{version.version}, {version.imageCount} images
            </option>
          ))}
        </Select>
      </Field>
      {precision === "int8-ptq" && (
        <details className="rounded-md border border-line p-3">
          <summary className="cursor-pointer text-xs text-muted">
            Method (left alone, the one that leaves least error at the heads is taken)
          </summary>
          <div className="mt-3 grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
            <Field label="Ranges">
              <Select name="method" defaultValue="">
                <option value="">chosen by measurement</option>
                <option value="minmax">min-max</option>
                <option value="ema">moving average</option>
                <option value="percentile">percentile</option>
                <option value="entropy">entropy (KL)</option>
                <option value="mse">MSE</option>
              </Select>
            </Field>
            <Field label="Refinement">
              <Select name="refine" defaultValue="feedback">
                <option value="feedback">error feedback</option>
                <option value="bias">bias correction</option>
                <option value="adaround">AdaRound (minutes)</option>
                <option value="none">none</option>
              </Select>
            </Field>
            <Field label="Sensitive layers">
              <Select name="mixed" defaultValue="auto">
                <option value="auto">stay float</option>
                <option value="off">are quantised too</option>
              </Select>
            </Field>
            <Field label="Detection heads" help="Quantised, they lose most.">
              <Select name="heads" defaultValue="float">
                <option value="float">stay float</option>
                <option value="int8">are quantised too</option>
              </Select>
            </Field>
            <Field label="Latency budget, ms an image" help="On one thread of the building host: as accurate as fits.">
              <Input name="budget" type="number" min={0.001} max={60_000} step="any" placeholder="none" />
            </Field>
          </div>
          <label className="mt-3 flex items-center gap-2 text-sm">
            <input type="checkbox" name="latency" defaultChecked /> Leave in float what the building host runs faster so
          </label>
        </details>
      )}
      <WorkerChoice />
      {build.error && <ErrorNote error={errorInfo(build.error)} />}
      <div>
        <Button type="submit" kind="primary" disabled={build.isPending}>
          Build
        </Button>
      </div>
    </form>
  );
}
