import type { Metadata } from "next";
import { Suspense } from "react";
import { DetectionBrowser } from "@/features/detections/components/detection-browser";

export const metadata: Metadata = { title: "Detections" };

export default function DetectionsPage() {
  return (
    <Suspense>
      <DetectionBrowser />
    </Suspense>
  );
}
