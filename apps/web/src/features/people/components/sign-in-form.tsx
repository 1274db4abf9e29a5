"use client";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Mark } from "@/components/shell/shell";
import { Button, buttonClass, Card, Input } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { sitePath } from "@/lib/site-path";

/** Why single sign-on sent somebody back. */
const refusals: Readonly<Record<string, string>> = {
  provider_unavailable: "The provider cannot be reached now. Try again in a moment.",
  no_role: "Your account there is in no group that may use Octet. Ask an admin.",
  signup_disabled: "Nobody has added you to Octet. Ask an admin.",
  account_not_linked: "Your address has an account here, and the provider does not say that it is yours. Sign in with the password.",
  email_not_found: "The provider does not tell your e-mail address. Ask an admin to have it told.",
};
const refusal = (code: string | null): string | null => code && (refusals[code] ?? `The provider did not let you in (${code}).`);

/** @param signOn name of the provider of single sign-on; null where there is none */
export function SignInForm({ signOn }: { signOn: string | null }) {
  const router = useRouter();
  const parameters = useSearchParams();
  const next = sitePath(parameters.get("next"));
  const [problem, setProblem] = useState<string | null>(() => refusal(parameters.get("error")));
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const form = new FormData(event.currentTarget);
    try {
      const answer = await fetch("/api/auth/sign-in/email", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: form.get("email"), password: form.get("password") }),
      });
      if (answer.ok) {
        router.push(next);
        router.refresh();
        return;
      }
      setProblem(
        answer.status === 429
          ? "Too many tries. Wait a minute."
          : answer.status >= 500
            ? "The server cannot check the password now. Try again in a moment."
            : "The e-mail address or the password is wrong.",
      );
    } catch {
      setProblem("The server cannot be reached. Is Octet running?");
    }
    setBusy(false);
  };

  return (
    <Card className="w-full max-w-sm p-6">
      <div className="mb-6 flex items-center gap-3">
        <Mark />
        <div>
          <h1 className="text-base font-semibold">Sign in to Octet</h1>
          <p className="text-xs text-muted">The first sign-in is printed by npm start.</p>
        </div>
      </div>
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Email">
          <Input name="email" type="email" autoComplete="username" required autoFocus />
        </Field>
        <Field label="Password">
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
        {problem && (
          <p role="alert" className="rounded-md border border-bad/40 bg-bad/8 p-2.5 text-bad">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" disabled={busy}>
          {busy ? "Signing in …" : "Sign in"}
        </Button>
      </form>
      {signOn && (
        <a href={`/api/auth/sso?next=${encodeURIComponent(next)}`} className={buttonClass("plain", "mt-3 w-full")}>
          Sign in with {signOn}
        </a>
      )}
    </Card>
  );
}
