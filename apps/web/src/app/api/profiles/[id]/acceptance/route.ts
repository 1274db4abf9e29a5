import { renderAcceptance } from "@octet/shared/acceptance/page";
import { AppError } from "@octet/shared/errors";
import { acceptanceFacts } from "@/features/acceptance/data";
import { callerOf } from "@/server/context";
import { runtime } from "@/server/runtime";

export const dynamic = "force-dynamic";

/** The acceptance report of a profile, one page that loads nothing. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { db, gateway } = runtime();
  if (!(await callerOf(db, request.headers))) return new Response("Sign in first", { status: 401 });
  try {
    const facts = await acceptanceFacts(db, gateway.cameraStatuses(), (await params).id);
    return new Response(renderAcceptance(facts), { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return new Response(error.message, { status: 404 });
    throw error;
  }
}
