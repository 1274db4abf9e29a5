"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Input, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { IntoChoice, targetOf } from "./into-choice";
import { UseChoice } from "./use-choice";

/** Collects frames from cameras: which, how often, for how long. */
export function CollectForm({ onQueued }: { onQueued(): void }) {
  const trpc = useTRPC();
  const cameras = useQuery(trpc.cameras.list.queryOptions());
  const start = useMutation(trpc.datasets.collect.mutationOptions({ onSuccess: onQueued, meta: { inline: true } }));
  const [kind, setKind] = useState<"calibration" | "validation">("calibration");
  const [into, setInto] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const enabled = cameras.data?.filter((camera) => camera.enabled) ?? [];

  const toggle = (id: string): void =>
    setChosen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string): number => Number(form.get(name));
    start.mutate({
      into: targetOf(into, form, kind),
      cameraIds: [...chosen],
      everySeconds: number("every"),
      forSeconds: number("minutes") * 60,
      maxImages: number("images"),
      faces: String(form.get("faces")) as "any" | "with" | "without",
      spread: form.has("spread") ? "light" : "none",
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-3">
        <UseChoice
          kind={kind}
          onChoose={(one) => {
            setKind(one);
            setInto("");
          }}
        />
        <IntoChoice kind={kind} into={into} onChoose={setInto} placeholder="All cameras, a day" />
      </div>
      <fieldset>
        <legend className="mb-1.5 text-xs font-medium text-muted">Cameras</legend>
        <div className="flex flex-wrap gap-2">
          {enabled.map(({ id, name }) => (
            <label
              key={id}
              className="flex cursor-pointer items-center gap-2 rounded-md border border-line px-3 py-1.5 has-checked:border-accent has-checked:bg-accent/8"
            >
              <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} /> {name}
            </label>
          ))}
          {enabled.length > 1 && (
            <Button kind="ghost" onClick={() => setChosen(new Set(enabled.map(({ id }) => id)))}>
              All
            </Button>
          )}
        </div>
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-4">
        <Field label="A frame every, seconds">
          <Input name="every" type="number" min={0.2} max={3600} step={0.1} defaultValue={5} required />
        </Field>
        <Field label="For, minutes">
          <Input name="minutes" type="number" min={0.1} max={10_080} step={0.1} defaultValue={60} required />
        </Field>
        <Field label="At most, images">
          <Input name="images" type="number" min={1} max={20_000} defaultValue={1000} required />
        </Field>
        <Field label="Frames">
          <Select name="faces" defaultValue="any">
            <option value="any">with and without detections</option>
            <option value="with">with detections only</option>
            <option value="without">without detections only</option>
          </Select>
        </Field>
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="spread" /> Spread over dark and light (goes on to the end of the time)
      </label>
      <p className="text-xs text-muted">Frames that look like one that is kept are left out.</p>
      {start.error && <ErrorNote error={errorInfo(start.error)} />}
      <div>
        <Button type="submit" kind="primary" disabled={chosen.size === 0 || start.isPending}>
          Collect
        </Button>
      </div>
    </form>
  );
}
