import { Wall } from "@/features/cameras/components/wall";

export default function WallPage() {
  return <Wall />;
}
