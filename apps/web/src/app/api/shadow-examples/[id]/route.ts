import { examplePicture } from "@/features/shadows/data";
import { callerOf } from "@/server/context";
import { runtime } from "@/server/runtime";

export const dynamic = "force-dynamic";

export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { db } = runtime();
  if (!(await callerOf(db, request.headers))) return new Response("Sign in first", { status: 401 });
  const jpeg = await examplePicture(db, (await params).id);
  if (!jpeg) return new Response("There is no such picture", { status: 404 });
  return new Response(Buffer.from(jpeg), {
    headers: { "content-type": "image/jpeg", "cache-control": "private, max-age=31536000, immutable" },
  });
}
