import { getSessionCookie } from "better-auth/cookies";
import { type NextRequest, NextResponse } from "next/server";

/** Sends those without a session to the sign-in. The cookie is only looked at here; every answer with data checks it. */
export function proxy(request: NextRequest): NextResponse {
  if (getSessionCookie(request)) return NextResponse.next();
  const target = request.nextUrl.clone();
  target.pathname = "/sign-in";
  target.search = request.nextUrl.pathname === "/" ? "" : `?next=${encodeURIComponent(request.nextUrl.pathname + request.nextUrl.search)}`;
  return NextResponse.redirect(target);
}

export const config = { matcher: ["/((?!api/|_next/|metrics$|sign-in$|.*\\.[a-z0-9]+$).*)"] };
