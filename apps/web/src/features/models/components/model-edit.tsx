"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { Button, Card, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, fieldErrors, useTRPC } from "@/lib/trpc";
import type { ListedModel } from "./model-card";

export function ModelEdit({ model, onEnd }: { model: ListedModel; onEnd(): void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const update = useMutation(
    trpc.models.update.mutationOptions({
      meta: { inline: true },
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.models.pathKey() });
        onEnd();
      },
    }),
  );
  const errors = fieldErrors(update.error);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name)).trim();
    update.mutate({
      id: model.id,
      patch: {
        name: text("name"),
        notes: text("notes"),
        licence: { name: text("licence") || "unknown", note: text("licenceNote"), origin: text("origin") },
      },
    });
  };
  return (
    <li className="min-w-0">
      <Card className="p-5">
        <form
          onSubmit={submit}
          onKeyDown={(event) => {
            if (event.key === "Escape") onEnd();
          }}
          className="grid gap-3"
          aria-label={`Edit ${model.name}`}
        >
          <Field label="Name" error={errors["name"]?.[0]}>
            <Input name="name" defaultValue={model.name} required maxLength={100} autoFocus />
          </Field>
          <Field label="Licence" error={errors["licence"]?.[0]}>
            <Input name="licence" defaultValue={model.licence.name} maxLength={80} />
          </Field>
          <Field label="What one must know of it">
            <Input name="licenceNote" defaultValue={model.licence.note} maxLength={500} />
          </Field>
          <Field label="Origin">
            <Input name="origin" defaultValue={model.licence.origin} maxLength={500} />
          </Field>
          <Field label="Notes" error={errors["notes"]?.[0]}>
            <textarea
              name="notes"
              defaultValue={model.notes}
              rows={3}
              maxLength={2000}
              className="w-full rounded-md border border-line bg-surface px-3 py-2 text-sm"
            />
          </Field>
          {update.error && Object.keys(errors).length === 0 && <ErrorNote error={errorInfo(update.error)} />}
          <div className="flex justify-end gap-2">
            <Button onClick={onEnd}>Cancel</Button>
            <Button type="submit" kind="primary" disabled={update.isPending}>
              Save
            </Button>
          </div>
        </form>
      </Card>
    </li>
  );
}
