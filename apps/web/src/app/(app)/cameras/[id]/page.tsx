import { CameraView } from "@/features/cameras/components/camera-view";

export default async function CameraPage({ params }: { params: Promise<{ id: string }> }) {
  return <CameraView id={(await params).id} />;
}
