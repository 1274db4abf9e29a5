import type { Metadata } from "next";
import { PageHeader } from "@/components/ui/page-header";
import { CameraForm } from "@/features/cameras/components/camera-form";

export const metadata: Metadata = { title: "Add camera" };

export default function NewCameraPage() {
  return (
    <>
      <PageHeader title="Add camera" />
      <CameraForm />
    </>
  );
}
