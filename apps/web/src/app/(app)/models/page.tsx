import type { Metadata } from "next";
import { ModelList } from "@/features/models/components/model-list";

export const metadata: Metadata = { title: "Models" };

export default function ModelsPage() {
  return <ModelList />;
}
