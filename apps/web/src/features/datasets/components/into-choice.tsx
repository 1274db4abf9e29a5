"use client";
import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { useTRPC } from "@/lib/trpc";
import type { DatasetTarget } from "../schema";

type Kind = "calibration" | "validation";

/** Into which data set a version goes: a new one by its name, or the next version of one of this kind. */
export function IntoChoice({
  kind,
  into,
  onChoose,
  placeholder,
}: {
  kind: Kind;
  into: string;
  onChoose(id: string): void;
  placeholder: string;
}) {
  const trpc = useTRPC();
  const { data = [] } = useQuery(trpc.datasets.list.queryOptions());
  const fitting = data.filter((dataset) => dataset.kind === kind);
  return (
    <>
      {fitting.length > 0 && (
        <Field label="Into">
          <Select value={into} onChange={(event) => onChoose(event.target.value)}>
            <option value="">A new data set</option>
            {fitting.map(({ id, name, versions }) => (
              <option key={id} value={id}>
                {name}, as v{(versions[0]?.version ?? 0) + 1}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {into === "" && (
        <Field label="Name">
          <Input name="name" required maxLength={120} placeholder={placeholder} />
        </Field>
      )}
    </>
  );
}

export const targetOf = (into: string, form: FormData, kind: Kind): DatasetTarget =>
  into === "" ? { name: String(form.get("name")).trim(), kind } : { id: into };
