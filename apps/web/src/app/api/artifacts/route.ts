import { receiveArtifact } from "@/server/artifacts/http";

export const dynamic = "force-dynamic";

/** For browsers: `crypto.subtle` is not there over plain HTTP, and hashes only what is whole in memory. */
export async function POST(request: Request): Promise<Response> {
  return receiveArtifact(request, null);
}
