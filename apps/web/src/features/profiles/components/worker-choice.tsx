"use client";
import { useQuery } from "@tanstack/react-query";
import { Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { useTRPC } from "@/lib/trpc";

/** Which worker is to do it, as a field `worker` of its form; nothing where there is no choice. */
export function WorkerChoice() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.workers.list.queryOptions());
  const online = data?.filter((worker) => worker.online) ?? [];
  if (online.length < 2) return null;
  return (
    <Field label="On the worker" help="What is measured is measured there.">
      <Select name="worker" defaultValue="">
        <option value="">whichever fits</option>
        {online.map(({ id, name, host }) => (
          <option key={id} value={id}>
            {name}, {host.gpus[0]?.name ?? host.cpuModel}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** What was chosen; null: whichever fits. */
export const chosenWorker = (form: FormData): string | null => String(form.get("worker") ?? "") || null;
