import type { Metadata } from "next";
import { AuditLog } from "@/features/profiles/components/audit-log";

export const metadata: Metadata = { title: "Audit log" };

export default function Page() {
  return <AuditLog />;
}
