"use client";
import { detectors } from "@octet/shared/planning/detector-catalogue";
import type { FleetModel } from "@octet/shared/planning/fleet-report";
import { gpus, THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import { precisionFormats, precisions } from "@octet/shared/planning/precision";
import type { SiteCameras } from "@octet/shared/planning/site-cameras";
import type { ReactNode } from "react";
import { Button, Card, Input, Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { count } from "@/lib/format";
import { type PlanField, type PlanForm, withCameras } from "../schema";
import { CodecOptions } from "./codec-options";
import { CountModel } from "./count-model";
import { OtherKinds } from "./other-kinds";

export interface FormProps {
  form: PlanForm;
  problems: Partial<Record<PlanField, string>>;
  change(patch: Partial<PlanForm>): void;
}

const sizes = ["1280x720", "1920x1080", "2560x1440", "2688x1520", "3840x2160"];
/** Of the slider: more can be typed. */
const SLIDER = 500;
const decodeSizes = ["640x360", "960x540", "1280x720", "1920x1080"];

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="grid grid-cols-2 items-start gap-x-3 gap-y-2">
      <legend className="col-span-2 mb-1.5 text-sm font-medium">{title}</legend>
      {children}
    </fieldset>
  );
}

/** What is planned for; every change counts at once. @param models of this site, beside the catalogue's @param cameras of this site */
export function PlannerForm({
  form,
  problems,
  change,
  models,
  cameras,
  children,
}: FormProps & { models: readonly FleetModel[]; cameras: SiteCameras | null; children?: ReactNode }) {
  const uncounted = models.find(({ id, cost }) => id === form.model && cost === null);
  const bind = (name: PlanField) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => change({ [name]: event.target.value }),
  });
  const numeric = (name: PlanField, min: number, max: number, step: number | "any" = "any") => (
    <Input type="number" inputMode="decimal" min={min} max={max} step={step} {...bind(name)} />
  );
  return (
    <Card className="p-5">
      <form className="grid gap-6" onSubmit={(event) => event.preventDefault()} aria-label="What to plan for">
        <Group title="Cameras">
          <div className="col-span-2">
            <Field label="Number of cameras" error={problems.streams}>
              {numeric("streams", 1, 100_000, 1)}
            </Field>
            <input
              type="range"
              aria-label="Number of cameras, as a slider"
              min={1}
              max={Math.max(SLIDER, Math.min(100_000, Number(form.streams) || 0))}
              className="w-full accent-(--accent)"
              {...bind("streams")}
            />
          </div>
          <Field label="Codec">
            <Select className="px-2 pr-1" {...bind("codec")}>
              <CodecOptions />
            </Select>
          </Field>
          <Field label="Resolution" error={problems.resolution}>
            <Input className="px-2" list="planner-sizes" spellCheck={false} {...bind("resolution")} />
          </Field>
          <Field label="Frames a second" error={problems.fps}>
            {numeric("fps", 0.1, 240)}
          </Field>
          <Field label="Inferred a second" error={problems.detectFps}>
            {numeric("detectFps", 0.1, 240)}
          </Field>
          <Field label="Decode size" error={problems.decodeSize} help="Empty: as the camera sends">
            <Input className="px-2" list="planner-decode-sizes" placeholder="full" spellCheck={false} {...bind("decodeSize")} />
          </Field>
          <Field label="Decode size by">
            <Select className="px-2 pr-1" {...bind("decodeMode")}>
              <option value="substream">sub-stream</option>
              <option value="scaled">scaling after</option>
            </Select>
          </Field>
          <OtherKinds form={form} problem={problems.others} change={change} />
          {cameras && cameras.kinds.length > 0 && (
            <div className="col-span-2">
              <Button className="w-full" onClick={() => change(withCameras(cameras.kinds))}>
                The cameras of this site
              </Button>
              {cameras.left > 0 && (
                <p className="mt-1.5 text-xs text-muted">
                  Without {count(cameras.left)} of which is not known what they send, or that are rarer than a plan takes
                </p>
              )}
            </div>
          )}
        </Group>
        <Group title="Device and detector">
          <div className="col-span-2">
            <Field label="GPU" error={problems.gpu}>
              <Select className="px-2 pr-1" {...bind("gpu")}>
                {gpus.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name.replace("NVIDIA ", "")}
                  </option>
                ))}
                <option value={THIS_HOST}>A host, as measured</option>
              </Select>
            </Field>
          </div>
          <div className="col-span-2">
            <Field label="Detector" error={problems.model}>
              <Select className="px-2 pr-1" {...bind("model")}>
                <optgroup label="Catalogue">
                  {detectors.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </optgroup>
                {models.length > 0 && (
                  <optgroup label="Models of this site">
                    {models.map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                )}
              </Select>
            </Field>
            {uncounted && <CountModel key={uncounted.modelId} modelId={uncounted.modelId} />}
          </div>
          <Field label="Precision">
            <Select className="px-2 pr-1" {...bind("precision")}>
              {precisions.map((precision) => (
                <option key={precision} value={precision}>
                  {precisionFormats[precision].name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Batch" error={problems.batch} help="Empty: what suits the GPU">
            <Input type="number" min={1} max={256} placeholder="auto" {...bind("batch")} />
          </Field>
        </Group>
        <Group title="Demands">
          <Field label="Latency, ms" error={problems.latency} help="Frame to boxes, at most">
            {numeric("latency", 1, 60_000)}
          </Field>
          <Field label="Decoder holds back" error={problems.decoderDelay} help="Frames: up to 3 with B-frames">
            {numeric("decoderDelay", 0, 16, 1)}
          </Field>
          <Field label="Keep free, %" error={problems.reserve}>
            {numeric("reserve", 0, 90)}
          </Field>
          <Field label="Accuracy to keep, %" error={problems.accuracy} help="Of FP32's">
            {numeric("accuracy", 0, 100)}
          </Field>
        </Group>
        <Group title="Measured">
          {children}
          <Field label="Inference, frames/s" error={problems.inferenceRate} help="Sustained; wins over the catalogue">
            <Input type="number" min={0} step="any" placeholder="–" {...bind("inferenceRate")} />
          </Field>
          <Field label="Decode, frames/s" error={problems.decodeRate} help="At the size that is decoded">
            <Input type="number" min={0} step="any" placeholder="–" {...bind("decodeRate")} />
          </Field>
          {form.gpu === THIS_HOST && (
            <Field label="Memory, GB" error={problems.memoryGb}>
              <Input type="number" min={1} step="any" {...bind("memoryGb")} />
            </Field>
          )}
        </Group>
        <datalist id="planner-sizes">
          {sizes.map((size) => (
            <option key={size} value={size} />
          ))}
        </datalist>
        <datalist id="planner-decode-sizes">
          {decodeSizes.map((size) => (
            <option key={size} value={size} />
          ))}
        </datalist>
      </form>
    </Card>
  );
}
