import type { Metadata } from "next";
import { PrecisionPage } from "@/features/profiles/components/precision-page";

export const metadata: Metadata = { title: "Precision" };

export default function Page() {
  return <PrecisionPage />;
}
