import type { Metadata } from "next";
import { ProfileView } from "@/features/profiles/components/profile-view";

export const metadata: Metadata = { title: "Profile" };

export default async function ProfilePage({ params }: { params: Promise<{ id: string }> }) {
  return <ProfileView id={(await params).id} />;
}
