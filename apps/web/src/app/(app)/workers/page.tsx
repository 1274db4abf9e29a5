import type { Metadata } from "next";
import { WorkerList } from "@/features/workers/components/worker-list";

export const metadata: Metadata = { title: "Workers" };

export default function WorkersPage() {
  return <WorkerList />;
}
