import type { Metadata } from "next";
import { DatasetList } from "@/features/datasets/components/dataset-list";

export const metadata: Metadata = { title: "Data sets" };

export default function DatasetsPage() {
  return <DatasetList />;
}
