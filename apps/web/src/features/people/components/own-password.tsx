"use client";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { toast } from "sonner";
import { Button, Card, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";

export function OwnPassword({ email }: { email: string | null }) {
  const trpc = useTRPC();
  const change = useMutation(trpc.people.changeOwnPassword.mutationOptions({ meta: { inline: true } }));
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    change.mutate(
      { currentPassword: String(data.get("current")), newPassword: String(data.get("next")) },
      {
        onSuccess: () => {
          form.reset();
          toast.success("The password was changed; other sessions have ended");
        },
      },
    );
  };
  return (
    <Card className="p-5">
      <h2 className="font-medium">Your password</h2>
      <p className="mt-1 text-xs text-muted">{email}</p>
      <form onSubmit={submit} className="mt-4 grid gap-2">
        <Field label="Current password">
          <Input name="current" type="password" autoComplete="current-password" required />
        </Field>
        <Field label="New password" help="At least 8 characters">
          <Input name="next" type="password" autoComplete="new-password" minLength={8} required />
        </Field>
        {change.error && <ErrorNote error={errorInfo(change.error)} />}
        <Button type="submit" className="justify-self-start" disabled={change.isPending}>
          Change password
        </Button>
      </form>
    </Card>
  );
}
