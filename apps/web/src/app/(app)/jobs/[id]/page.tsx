import type { Metadata } from "next";
import { JobView } from "@/features/jobs/components/job-view";

export const metadata: Metadata = { title: "Job" };

export default async function JobPage({ params }: { params: Promise<{ id: string }> }) {
  return <JobView id={(await params).id} />;
}
