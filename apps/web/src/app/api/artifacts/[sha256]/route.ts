import { receiveArtifact, serveArtifact } from "@/server/artifacts/http";

export const dynamic = "force-dynamic";

interface Options {
  params: Promise<{ sha256: string }>;
}

const serve = async (request: Request, { params }: Options): Promise<Response> => serveArtifact(request, (await params).sha256);

export { serve as GET, serve as HEAD };

export async function PUT(request: Request, { params }: Options): Promise<Response> {
  return receiveArtifact(request, (await params).sha256);
}
