"use client";
import { mayBecome } from "@octet/shared/domain/profile";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { Button, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { Profile } from "./figures";
import { useRefresh } from "./use-refresh";

/** Sets a profile aside, with the reason. */
export function RejectForm({ profile }: { profile: Profile }) {
  const trpc = useTRPC();
  const reject = useMutation(trpc.profiles.reject.mutationOptions({ ...useRefresh(), meta: { inline: true } }));
  // What runs somewhere, if only in a shadow, is ended there first.
  if (profile.precision === "fp32" || profile.promotions.length > 0 || !mayBecome(profile.state, "rejected")) return null;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    reject.mutate({ id: profile.id, reason: String(new FormData(event.currentTarget).get("reason")) });
  };
  return (
    <details className="rounded-lg border border-line bg-surface px-5 py-3 text-sm">
      <summary className="cursor-pointer text-muted">Reject it</summary>
      <form onSubmit={submit} className="mt-3 grid gap-3">
        <Field label="Why">
          <Input name="reason" required minLength={3} maxLength={1000} />
        </Field>
        <div>
          <Button type="submit" kind="danger" disabled={reject.isPending}>
            Reject
          </Button>
        </div>
        {reject.error && <ErrorNote error={errorInfo(reject.error)} />}
      </form>
    </details>
  );
}
