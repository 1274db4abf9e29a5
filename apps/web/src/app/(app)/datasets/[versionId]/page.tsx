import type { Metadata } from "next";
import { VersionView } from "@/features/datasets/components/version-view";

export const metadata: Metadata = { title: "Data set" };

export default async function DatasetVersionPage({ params }: { params: Promise<{ versionId: string }> }) {
  return <VersionView versionId={(await params).versionId} />;
}
