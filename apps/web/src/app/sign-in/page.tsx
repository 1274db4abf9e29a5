import type { Metadata } from "next";
import { connection } from "next/server";
import { Suspense } from "react";
import { env } from "@/env";
import { SignInForm } from "@/features/people/components/sign-in-form";
import { signOnOf } from "@/server/sign-on";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage() {
  // The environment is that of the server that answers, and not of the build.
  await connection();
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <Suspense>
        <SignInForm signOn={signOnOf(env())?.name ?? null} />
      </Suspense>
    </main>
  );
}
