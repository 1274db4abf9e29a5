"use client";
import { MAX_ARTIFACT_BYTES } from "@octet/shared/domain/artifact";
import { FileUp } from "lucide-react";
import { type DragEvent, type FormEvent, useState } from "react";
import { Button, buttonClass, Card, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { cn } from "@/lib/cn";
import { bytes } from "@/lib/format";
import { InspectedUpload } from "./inspected-upload";
import { useModelUpload } from "./use-model-upload";

/** Drop a file or choose one, say what is known of it, and see it checked by a worker. */
export function ModelUpload() {
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const { state, start, stop, reset } = useModelUpload();

  const choose = (chosen: File | undefined): void => {
    if (!chosen || state.step === "sending") return;
    reset();
    setFile(chosen);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    choose(event.dataTransfer.files[0]);
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!file) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name)).trim();
    start(file, { name: text("name"), licence: text("licence"), origin: text("origin"), notes: text("notes") });
  };
  const problem = file && problemOf(file);
  return (
    <section aria-label="Add a model" className="mb-6">
      <Card
        className={cn("border-dashed p-5 transition-colors", over && "border-accent bg-accent/8")}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
          <FileUp className="size-6 shrink-0 text-muted" aria-hidden />
          <p className="mr-auto min-w-0">
            <span className="block font-medium [overflow-wrap:anywhere]">{file ? file.name : "Drop an ONNX file here"}</span>
            <span className="text-xs text-muted">
              {file ? bytes(file.size) : `Up to ${bytes(MAX_ARTIFACT_BYTES)}. A worker checks it and recognises its detector family.`}
            </span>
          </p>
          <label
            className={buttonClass(
              file ? "plain" : "primary",
              "focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent",
            )}
          >
            {file ? "Choose another" : "Choose a file"}
            <input
              type="file"
              accept=".onnx,application/octet-stream"
              className="sr-only"
              disabled={state.step === "sending"}
              onChange={(event) => {
                choose(event.target.files?.[0]);
                event.target.value = "";
              }}
            />
          </label>
        </div>
        {problem && (
          <div className="mt-4">
            <ErrorNote error={problem} />
          </div>
        )}
        {file && !problem && state.step === "idle" && (
          <form key={`${file.name} ${file.size}`} onSubmit={submit} className="mt-5 grid items-start gap-4 sm:grid-cols-2">
            <Field label="Name">
              <Input name="name" defaultValue={file.name.replace(/\.onnx$/i, "").slice(0, 100)} required maxLength={100} />
            </Field>
            <Field label="Licence" help="Known files keep what Octet knows of them">
              <Input name="licence" placeholder="such as MIT; empty if you do not know" maxLength={80} />
            </Field>
            <Field label="Origin">
              <Input name="origin" placeholder="where it comes from" maxLength={500} />
            </Field>
            <Field label="Notes">
              <Input name="notes" maxLength={2000} />
            </Field>
            <div className="flex gap-2 sm:col-span-2">
              <Button type="submit" kind="primary">
                Add model
              </Button>
              <Button onClick={() => setFile(null)}>Cancel</Button>
            </div>
          </form>
        )}
        {state.step === "sending" && (
          <div className="mt-5 flex items-center gap-4">
            <div className="grow">
              <Progress percent={(100 * state.sent) / Math.max(1, state.total)} label="Upload" />
              <p className="mt-1.5 text-xs text-muted">
                {bytes(state.sent)} of {bytes(state.total)} sent
              </p>
            </div>
            <Button onClick={stop}>Stop</Button>
          </div>
        )}
        {state.step === "failed" && (
          <div className="mt-5 grid gap-3">
            <ErrorNote error={state.error} />
            <Button className="justify-self-start" onClick={reset}>
              Back
            </Button>
          </div>
        )}
        {state.step === "known" && (
          <p role="status" className="mt-5 text-sm">
            This very file is here already: <span className="font-medium">{state.name}</span>.
          </p>
        )}
        {state.step === "inspecting" && <InspectedUpload job={state.job} />}
      </Card>
    </section>
  );
}

/** What needs no server to be seen. */
function problemOf(file: File) {
  if (file.size === 0)
    return { code: "BAD_INPUT" as const, message: `${file.name} is empty`, hint: "Choose the file again, or export it anew." };
  if (file.size > MAX_ARTIFACT_BYTES)
    return {
      code: "BAD_INPUT" as const,
      message: `${file.name} has ${bytes(file.size)}: more than the ${bytes(MAX_ARTIFACT_BYTES)} that are taken`,
    };
  return null;
}
