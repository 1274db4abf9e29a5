import type { Metadata } from "next";
import { Planner } from "@/features/planner/components/planner";

export const metadata: Metadata = { title: "Planner" };

export default function PlannerPage() {
  return <Planner />;
}
