import { Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";

/** What images without labels are for. */
export function UseChoice({ kind, onChoose }: { kind: "calibration" | "validation"; onChoose(kind: "calibration" | "validation"): void }) {
  return (
    <Field label="For" help={kind === "validation" ? "The FP32 model's own detections will stand for labels." : undefined}>
      <Select value={kind} onChange={(event) => onChoose(event.target.value === "validation" ? "validation" : "calibration")}>
        <option value="calibration">Calibration</option>
        <option value="validation">Validation, with pseudo-labels</option>
      </Select>
    </Field>
  );
}
