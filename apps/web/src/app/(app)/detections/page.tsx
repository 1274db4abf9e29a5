import type { Metadata } from "next";
import { DetectionBrowser } from "@/features/detections/components/detection-browser";

export const metadata: Metadata = { title: "Detections" };

export default function DetectionsPage() {
  return <DetectionBrowser />;
}
