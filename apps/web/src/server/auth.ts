import { type Role, roleSchema } from "@octet/shared/domain/access";
import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { admin } from "better-auth/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { adminAc, defaultStatements } from "better-auth/plugins/admin/access";
import { env } from "../env.ts";
import { authSecret } from "./boot/secrets.ts";
import { runtime } from "./runtime.ts";

const control = createAccessControl(defaultStatements);
const none = control.newRole({ user: [], session: [] });

function createAuth() {
  const { OCTET_ORIGIN, PORT } = env();
  return betterAuth({
    database: prismaAdapter(runtime().db, { provider: "postgresql" }),
    secret: authSecret(),
    baseURL: OCTET_ORIGIN ?? `http://localhost:${PORT}`,
    // The dashboard is reached by any name that its host has on the network: its own origin is the one to trust.
    trustedOrigins: (request) => {
      const hosts = ["x-forwarded-host", "host"].flatMap((name) => request?.headers.get(name) ?? []);
      return [...(OCTET_ORIGIN ? [OCTET_ORIGIN] : []), ...hosts.flatMap((host) => [`http://${host}`, `https://${host}`])];
    },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 8 },
    session: { expiresIn: 60 * 60 * 24 * 14 },
    rateLimit: { enabled: true, window: 60, max: 600, customRules: { "/sign-in/email": { window: 60, max: 60 } } },
    // The origin is checked in tests as well, where better-auth would leave it out.
    advanced: { useSecureCookies: OCTET_ORIGIN?.startsWith("https://") ?? false, disableOriginCheck: false },
    telemetry: { enabled: false },
    plugins: [
      admin({
        defaultRole: "viewer",
        adminRoles: ["admin"],
        ac: control,
        roles: { admin: control.newRole(adminAc.statements), operator: none, viewer: none },
      }),
    ],
  });
}

export type Auth = ReturnType<typeof createAuth>;

const holder = globalThis as { __octetAuth?: Auth };

/** The one authority on sessions; server.ts and Next's bundle share it. */
export function getAuth(): Auth {
  holder.__octetAuth ??= createAuth();
  return holder.__octetAuth;
}

const openPaths = new Set(["/api/auth/sign-in/email", "/api/auth/sign-out", "/api/auth/get-session"]);

/** Signing in and out over HTTP. The rest of better-auth's routes stays shut: people are managed by `people.*`, with our rules. */
export function handleAuth(request: Request): Promise<Response> {
  if (!openPaths.has(new URL(request.url).pathname)) return Promise.resolve(new Response("Not found", { status: 404 }));
  return getAuth().handler(request);
}

export interface SignedIn {
  sessionId: string;
  userId: string;
  email: string;
  name: string;
  role: Role;
}

/** Who the session cookie in `headers` belongs to, or null. */
export async function sessionFromHeaders(headers: Headers): Promise<SignedIn | null> {
  const session = await getAuth().api.getSession({ headers });
  if (!session) return null;
  const role = roleSchema.safeParse(session.user.role);
  return {
    sessionId: session.session.id,
    userId: session.user.id,
    email: session.user.email,
    name: session.user.name,
    role: role.success ? role.data : "viewer",
  };
}

/** Makes the first admin where there are no people yet. Safe to call at each start. */
export async function ensureFirstAdmin({ email, password }: { email: string; password: string }): Promise<boolean> {
  const { db } = runtime();
  if ((await db.user.count()) > 0) return false;
  try {
    await getAuth().api.createUser({ body: { email, password, name: "Admin", role: "admin" } });
    return true;
  } catch (error) {
    // Another web process that starts at the same moment was quicker.
    if ((await db.user.count()) > 0) return false;
    throw error;
  }
}
