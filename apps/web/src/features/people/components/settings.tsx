"use client";
import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { buttonClass } from "@/components/ui/controls";
import { Link } from "@/components/ui/link";
import { PageHeader } from "@/components/ui/page-header";
import { TokenPanel } from "@/features/tokens/components/token-panel";
import { useTRPC } from "@/lib/trpc";
import { OwnPassword } from "./own-password";
import { PeoplePanel } from "./people-panel";

export function Settings() {
  const trpc = useTRPC();
  const { data: me } = useQuery(trpc.site.me.queryOptions());
  return (
    <>
      <PageHeader title="Settings" note={me && `Signed in as ${me.name}, ${me.role}`}>
        {me?.role === "admin" && (
          <Link href="/settings/audit" className={buttonClass("plain")}>
            <ScrollText className="size-4" aria-hidden /> Audit log
          </Link>
        )}
      </PageHeader>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
        {me?.role === "admin" && <TokenPanel />}
        {me?.role === "admin" && <PeoplePanel />}
        {me && <OwnPassword email={me.email} />}
      </div>
    </>
  );
}
