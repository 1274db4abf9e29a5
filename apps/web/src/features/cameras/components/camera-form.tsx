"use client";
import { type Camera, cameraInputSchema } from "@octet/shared/domain/camera";
import { splitList } from "@octet/shared/split-list";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button, Card, Input, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { ClassesInput } from "./classes-input";
import { TestConnection } from "./test-connection";

const text = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();
/** null where the field is empty. */
const numberIn = (form: FormData, name: string): number | null => (text(form, name) ? Number(text(form, name)) : null);
const list = (form: FormData, name: string): string[] => splitList(text(form, name));

function readForm(form: FormData) {
  return cameraInputSchema.safeParse({
    name: text(form, "name"),
    url: text(form, "url"),
    substreamUrl: text(form, "substreamUrl") || null,
    transport: text(form, "transport"),
    detectFps: Number(text(form, "detectFps")),
    confidence: Number(text(form, "confidence")),
    tags: list(form, "tags"),
    classes: list(form, "classes"),
    priority: text(form, "priority"),
    stillFps: numberIn(form, "stillFps"),
    latencyBudgetMs: numberIn(form, "latencyBudgetMs"),
    placement: { require: list(form, "require"), prefer: list(form, "prefer"), exclude: list(form, "exclude") },
    enabled: form.get("enabled") === "on",
  });
}

/** Adds a camera, or changes one. */
export function CameraForm({ camera }: { camera?: Camera }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [url, setUrl] = useState(camera?.url ?? "");
  const [transport, setTransport] = useState<"tcp" | "udp">(camera?.transport ?? "tcp");
  const done = { meta: { inline: true }, onSuccess: () => router.push("/cameras") };
  const create = useMutation(trpc.cameras.create.mutationOptions(done));
  const update = useMutation(trpc.cameras.update.mutationOptions(done));
  const failure = create.error ?? update.error;

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const parsed = readForm(new FormData(event.currentTarget));
    if (!parsed.success) {
      setProblems(
        Object.fromEntries(parsed.error.issues.map((issue) => [String(issue.path[issue.path[0] === "placement" ? 1 : 0]), issue.message])),
      );
      return;
    }
    setProblems({});
    if (camera) update.mutate({ id: camera.id, patch: parsed.data });
    else create.mutate(parsed.data);
  };

  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Card className="p-5">
        <form onSubmit={submit} noValidate className="grid gap-3 sm:grid-cols-2">
          <Field label="Name" error={problems["name"]}>
            <Input name="name" defaultValue={camera?.name} maxLength={80} autoFocus={!camera} />
          </Field>
          <Field label="Tags" error={problems["tags"]} help="Separated by commas">
            <Input name="tags" defaultValue={camera?.tags.join(", ")} />
          </Field>
          <div className="sm:col-span-2">
            <Field label="URL" error={problems["url"]} help="rtsp://user:password@host:554/path · http(s):// · file:name.mp4 · synthetic:">
              <Input
                name="url"
                value={url}
                onChange={(event) => setUrl(event.target.value)}
                spellCheck={false}
                className="font-mono text-xs"
              />
            </Field>
          </div>
          <div className="sm:col-span-2">
            <Field
              label="Sub-stream URL"
              error={problems["substreamUrl"]}
              help="Optional: a smaller stream of the same camera, used for detection"
            >
              <Input name="substreamUrl" defaultValue={camera?.substreamUrl ?? ""} spellCheck={false} className="font-mono text-xs" />
            </Field>
          </div>
          <Field label="Transport" help="TCP unless the network asks for UDP">
            <Select name="transport" value={transport} onChange={(event) => setTransport(event.target.value === "udp" ? "udp" : "tcp")}>
              <option value="tcp">TCP</option>
              <option value="udp">UDP</option>
            </Select>
          </Field>
          <Field label="Detections per second" error={problems["detectFps"]}>
            <Input name="detectFps" type="number" min={0.1} max={30} step="any" defaultValue={camera?.detectFps ?? 5} />
          </Field>
          <Field label="Confidence" error={problems["confidence"]} help="Lower finds more, and more that is wrong">
            <Input name="confidence" type="number" min={0.05} max={0.99} step="any" defaultValue={camera?.confidence ?? 0.5} />
          </Field>
          <Field label="Priority" help="Under overload, low ones slow down first">
            <Select name="priority" defaultValue={camera?.priority ?? "normal"}>
              <option value="high">High</option>
              <option value="normal">Normal</option>
              <option value="low">Low</option>
            </Select>
          </Field>
          <div className="sm:col-span-2">
            <Field
              label="Classes"
              error={problems["classes"]}
              help="Which objects are reported, such as person, car; empty: all that the model knows. One that it does not know is never reported"
            >
              <ClassesInput name="classes" classes={camera?.classes ?? []} />
            </Field>
          </div>
          <Field label="Detections per second while nothing moves" error={problems["stillFps"]} help="Empty: as many as ever">
            <Input name="stillFps" type="number" min={0.1} max={30} step="any" defaultValue={camera?.stillFps ?? ""} />
          </Field>
          <Field
            label="Latency budget, ms"
            error={problems["latencyBudgetMs"]}
            help="From capture to boxes at p99. Empty: what its worker aims at"
          >
            <Input name="latencyBudgetMs" type="number" min={20} max={10000} step={1} defaultValue={camera?.latencyBudgetMs ?? ""} />
          </Field>
          <label className="flex items-center gap-2 self-center">
            <input type="checkbox" name="enabled" defaultChecked={camera?.enabled ?? true} className="size-4 accent-(--accent)" /> Switched
            on
          </label>
          <details className="sm:col-span-2" open={camera && Object.values(camera.placement).some((labels) => labels.length > 0)}>
            <summary className="cursor-pointer text-sm text-muted">Where it runs: on any worker, unless labels say otherwise</summary>
            <div className="mt-3 grid gap-3 sm:grid-cols-3">
              <Field label="Needs" error={problems["require"]} help="All of these labels, such as site=north">
                <Input name="require" defaultValue={camera?.placement.require.join(", ")} spellCheck={false} />
              </Field>
              <Field label="Prefers" error={problems["prefer"]} help="While there is room">
                <Input name="prefer" defaultValue={camera?.placement.prefer.join(", ")} spellCheck={false} />
              </Field>
              <Field label="Never on" error={problems["exclude"]} help="None of these labels">
                <Input name="exclude" defaultValue={camera?.placement.exclude.join(", ")} spellCheck={false} />
              </Field>
            </div>
          </details>
          {failure && (
            <div className="sm:col-span-2">
              <ErrorNote error={errorInfo(failure)} />
            </div>
          )}
          <div className="flex gap-2 sm:col-span-2">
            <Button type="submit" kind="primary" disabled={create.isPending || update.isPending}>
              {camera ? "Save" : "Add camera"}
            </Button>
            <Button onClick={() => router.back()}>Cancel</Button>
          </div>
        </form>
      </Card>
      <TestConnection url={url} transport={transport} cameraId={camera?.id} />
    </div>
  );
}
