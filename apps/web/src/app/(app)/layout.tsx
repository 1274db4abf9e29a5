import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Shell } from "@/components/shell/shell";
import { sessionFromHeaders } from "@/server/auth";

export const dynamic = "force-dynamic";

export default async function AppLayout({ children }: { children: ReactNode }) {
  // The proxy saw a cookie; here it is known to be good.
  if (!(await sessionFromHeaders(new Headers(await headers())))) redirect("/sign-in");
  return <Shell>{children}</Shell>;
}
