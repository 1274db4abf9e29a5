"use client";
import { Plus, X } from "lucide-react";
import { Button, Input, Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { otherKinds, type PlanForm, writeOtherKinds } from "../schema";
import { CodecOptions } from "./codec-options";

const NEW = ["10", "1920x1080", "h264", "25", "5"];

/** Cameras that send otherwise than the form's own, on the same device. */
export function OtherKinds({
  form,
  problem,
  change,
}: {
  form: PlanForm;
  problem: string | undefined;
  change(patch: Partial<PlanForm>): void;
}) {
  const kinds = otherKinds(form);
  const write = (next: readonly (readonly string[])[]): void => change({ others: writeOtherKinds(next) });
  return (
    <div className="col-span-2 grid gap-3">
      {kinds.map((parts, at) => {
        const bind = (part: number) => ({
          value: parts[part],
          onChange: ({ target }: { target: { value: string } }) => write(kinds.with(at, parts.with(part, target.value))),
        });
        return (
          <fieldset key={at} className="relative grid grid-cols-2 items-start gap-x-3 gap-y-2 border-t border-line pt-3">
            <legend className="sr-only">Kind {at + 2} of cameras</legend>
            <Field label={`Cameras, kind ${at + 2}`}>
              <Input type="number" min={1} step={1} {...bind(0)} />
            </Field>
            <Field label="Codec">
              <Select className="px-2 pr-1" {...bind(2)}>
                <CodecOptions />
              </Select>
            </Field>
            <div className="col-span-2">
              <Field label="Resolution, as the decoder gets it">
                <Input className="px-2" list="planner-sizes" spellCheck={false} {...bind(1)} />
              </Field>
            </div>
            <Field label="Frames a second">
              <Input type="number" min={0.1} max={240} step="any" {...bind(3)} />
            </Field>
            <Field label="Inferred a second">
              <Input type="number" min={0.1} max={240} step="any" {...bind(4)} />
            </Field>
            <Button kind="ghost" className="col-span-2 h-7 text-xs" onClick={() => write(kinds.toSpliced(at, 1))}>
              <X className="size-3.5" aria-hidden /> Remove kind {at + 2}
            </Button>
          </fieldset>
        );
      })}
      {problem && <p className="text-xs text-bad">{problem}</p>}
      <Button onClick={() => write([...kinds, NEW])}>
        <Plus className="size-3.5" aria-hidden /> Cameras of another kind
      </Button>
    </div>
  );
}
