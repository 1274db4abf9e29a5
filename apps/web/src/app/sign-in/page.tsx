import type { Metadata } from "next";
import { Suspense } from "react";
import { SignInForm } from "@/features/people/components/sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

export default function SignInPage() {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <Suspense>
        <SignInForm />
      </Suspense>
    </main>
  );
}
