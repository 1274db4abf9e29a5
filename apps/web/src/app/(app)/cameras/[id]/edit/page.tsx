import { CameraEditor } from "@/features/cameras/components/camera-editor";

export default async function EditCameraPage({ params }: { params: Promise<{ id: string }> }) {
  return <CameraEditor id={(await params).id} />;
}
