"use client";
import { MAX_ARTIFACT_BYTES } from "@octet/shared/domain/artifact";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Button, Input, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { bytes } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { uploadArtifact } from "@/lib/upload";

/** Takes an INT8 form of a model that was trained with quantisation elsewhere: sends the file, and has a worker check it. */
export function ImportForm({ modelId, onQueued }: { modelId: string; onQueued(): void }) {
  const trpc = useTRPC();
  const { mutateAsync } = useMutation(trpc.profiles.importQat.mutationOptions({ meta: { inline: true } }));
  const [sent, setSent] = useState<{ bytes: number; of: number } | null>(null);
  const [failure, setFailure] = useState<ErrorInfo | null>(null);
  const abort = useRef<AbortController | null>(null);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("file");
    if (!(file instanceof File)) return;
    const controller = new AbortController();
    abort.current = controller;
    setFailure(null);
    setSent({ bytes: 0, of: file.size });
    try {
      refuseAtOnce(file);
      const { sha256 } = await uploadArtifact(file, (now) => setSent({ bytes: now, of: file.size }), controller.signal);
      const target = form.get("target") === "tensorrt" ? "tensorrt" : "onnxruntime";
      await mutateAsync({ modelId, name: String(form.get("name")).trim(), sha256, target });
      onQueued();
    } catch (error) {
      if (!controller.signal.aborted) setFailure(errorInfo(error));
    } finally {
      setSent(null);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4" aria-label="Import a model trained with quantisation">
      <p className="text-xs text-muted">
        An INT8 form of this model that was trained with quantisation elsewhere (QAT), as ONNX with QuantizeLinear and DequantizeLinear
        nodes. A worker checks that it is one, that it runs, and what TensorRT's rules say of it.
      </p>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label="File" help=".onnx">
          <Input
            name="file"
            type="file"
            accept=".onnx,application/octet-stream"
            required
            className="h-auto py-1.5 file:mr-3 file:cursor-pointer"
          />
        </Field>
        <Field label="Runs on">
          <Select name="target" defaultValue="onnxruntime">
            <option value="onnxruntime">ONNX Runtime, CPU</option>
            <option value="tensorrt">TensorRT</option>
          </Select>
        </Field>
        <Field label="Name">
          <Input name="name" required maxLength={120} />
        </Field>
      </div>
      {sent && (
        <div>
          <Progress percent={(100 * sent.bytes) / Math.max(1, sent.of)} label="Upload" />
          <p className="mt-1.5 text-xs text-muted">
            {bytes(sent.bytes)} of {bytes(sent.of)} sent
          </p>
        </div>
      )}
      {failure && <ErrorNote error={failure} />}
      <div className="flex gap-2">
        <Button type="submit" kind="primary" disabled={sent !== null}>
          Import
        </Button>
        {sent && <Button onClick={() => abort.current?.abort()}>Stop</Button>}
      </div>
    </form>
  );
}

/** What needs no server to be seen. */
function refuseAtOnce({ name, size }: File): void {
  if (size === 0) throw new AppError("BAD_INPUT", `${name} is empty`, { hint: "Choose the file again, or export it anew." });
  if (size > MAX_ARTIFACT_BYTES)
    throw new AppError("BAD_INPUT", `${name} has ${bytes(size)}: more than the ${bytes(MAX_ARTIFACT_BYTES)} that are taken`);
}
