import type { Metadata } from "next";
import { AlarmList } from "@/features/alarms/components/alarm-list";

export const metadata: Metadata = { title: "Alarms" };

export default function AlarmsPage() {
  return <AlarmList />;
}
