"use client";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { Button, Card, Input } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";

export function OwnPassword({ email }: { email: string | null }) {
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const answer = await fetch("/api/auth/change-password", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ currentPassword: data.get("current"), newPassword: data.get("next"), revokeOtherSessions: true }),
    });
    if (!answer.ok) {
      setProblem("The current password is wrong, or the new one is shorter than 8 characters.");
      return;
    }
    setProblem(undefined);
    form.reset();
    toast.success("The password was changed; other sessions have ended");
  };
  return (
    <Card className="p-5">
      <h2 className="font-medium">Your password</h2>
      <p className="mt-1 text-xs text-muted">{email}</p>
      <form onSubmit={(event) => void submit(event)} className="mt-4 grid gap-2">
        <Field label="Current password" error={problem}>
          <Input name="current" type="password" autoComplete="current-password" required />
        </Field>
        <Field label="New password" help="At least 8 characters">
          <Input name="next" type="password" autoComplete="new-password" minLength={8} required />
        </Field>
        <Button type="submit" className="justify-self-start">
          Change password
        </Button>
      </form>
    </Card>
  );
}
