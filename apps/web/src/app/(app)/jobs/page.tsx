import type { Metadata } from "next";
import { JobList } from "@/features/jobs/components/job-list";

export const metadata: Metadata = { title: "Jobs" };

export default function JobsPage() {
  return <JobList />;
}
