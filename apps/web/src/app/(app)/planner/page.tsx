import type { Metadata } from "next";
import { Suspense } from "react";
import { Planner } from "@/features/planner/components/planner";

export const metadata: Metadata = { title: "Planner" };

export default function PlannerPage() {
  return (
    <Suspense>
      <Planner />
    </Suspense>
  );
}
