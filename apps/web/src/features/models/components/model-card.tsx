"use client";
import { precisionSchema } from "@octet/shared/domain/profile";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import { Pencil, Scale, Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirm } from "@/components/ui/confirm";
import { Button, Card, Chip } from "@/components/ui/controls";
import { precisionNames } from "@/features/profiles/components/figures";
import { bytes } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import type { AppRouter } from "@/server/root";
import { ModelEdit } from "./model-edit";

export type ListedModel = inferRouterOutputs<AppRouter>["models"]["list"][number];

export function ModelCard({ model, mayEdit, mayRemove }: { model: ListedModel; mayEdit: boolean; mayRemove: boolean }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [editing, setEditing] = useState(false);
  const remove = useMutation(
    trpc.models.remove.mutationOptions({ onSuccess: () => void queryClient.invalidateQueries({ queryKey: trpc.models.pathKey() }) }),
  );
  if (editing) return <ModelEdit model={model} onEnd={() => setEditing(false)} />;
  return (
    <li className="min-w-0">
      <Card className="grid h-full content-start gap-4 p-5">
        <header className="flex items-start gap-1">
          <div className="mr-auto min-w-0">
            <h2 className="font-medium [overflow-wrap:anywhere]">{model.name}</h2>
            <p className="text-xs text-muted">
              {model.family} · {classesOf(model.classes)}
            </p>
          </div>
          {mayEdit && (
            <Button kind="ghost" className="px-2" aria-label={`Edit ${model.name}`} onClick={() => setEditing(true)}>
              <Pencil className="size-4" aria-hidden />
            </Button>
          )}
          {mayRemove && (
            <Confirm
              trigger={
                <Button kind="ghost" className="px-2" aria-label={`Remove ${model.name}`} disabled={remove.isPending}>
                  <Trash2 className="size-4" aria-hidden />
                </Button>
              }
              title={`Remove ${model.name}?`}
              text="It goes from the list, with the profile that is its own file. It is refused while other profiles were made of it."
              action="Remove"
              onConfirm={() => remove.mutate({ id: model.id })}
            />
          )}
        </header>
        <dl className="grid grid-cols-2 gap-x-4 gap-y-3 text-xs sm:grid-cols-4 [&_dd]:font-mono [&_dt]:text-muted">
          <Fact name="Input" value={`${model.inputWidth}×${model.inputHeight}`} />
          <Fact name="Precision" value={model.precision.toUpperCase()} />
          <Fact name="Size" value={bytes(model.sizeBytes)} />
          <Fact name="Batch" value={model.maxBatch === null ? "any" : `≤ ${model.maxBatch}`} />
        </dl>
        <div className="text-xs">
          <p className="flex items-center gap-1.5 font-medium">
            <Scale className="size-3.5 shrink-0" aria-hidden /> Licence: {model.licence.name}
          </p>
          <p className="mt-1 text-muted [overflow-wrap:anywhere]">{model.licence.note}</p>
          <p className="text-muted [overflow-wrap:anywhere]">Origin: {model.licence.origin}</p>
        </div>
        {model.notes && <p className="text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{model.notes}</p>}
        <footer className="mt-auto flex flex-wrap items-center gap-1.5 border-t border-line pt-3 text-xs text-muted">
          <span className="mr-1">
            {model.profiles.length} profile{model.profiles.length === 1 ? "" : "s"}
          </span>
          {model.profiles.slice(0, 6).map((profile) => (
            <Chip key={profile.id} title={`${profile.name}: ${profile.state}`}>
              {precisionNames[precisionSchema.parse(profile.precision)]}
            </Chip>
          ))}
          <span className="ml-auto font-mono" title={model.sha256}>
            {model.sha256.slice(0, 12)}
          </span>
        </footer>
      </Card>
    </li>
  );
}

const classesOf = (classes: readonly string[]): string =>
  classes.length === 0 ? "no class names" : classes.length <= 3 ? classes.join(", ") : `${classes.length} classes`;

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
