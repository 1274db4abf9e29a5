import { AsyncLocalStorage } from "node:async_hooks";
import { type Role, roleSchema } from "@octet/shared/domain/access";
import { AppError } from "@octet/shared/errors";
import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { admin, type GenericOAuthConfig, genericOAuth } from "better-auth/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { adminAc, defaultStatements } from "better-auth/plugins/admin/access";
import { env } from "../env.ts";
import { audit } from "../features/audit/mutations.ts";
import { setPersonRole } from "../features/people/mutations.ts";
import { sitePath } from "../lib/site-path.ts";
import { authSecret } from "./boot/secrets.ts";
import { runtime } from "./runtime.ts";
import { grantedRole, type SignOn, signOnOf } from "./sign-on.ts";

const control = createAccessControl(defaultStatements);
const none = control.newRole({ user: [], session: [] });

/** Of the provider of single sign-on, as accounts and its callback have it. */
const PROVIDER = "oidc";
/** Who did it, in the audit log. */
const BY_SIGN_ON = "single sign-on";

// server.ts and Next's bundle load separate copies of this module: they meet on globalThis.
const holder = globalThis as { __octetAuth?: Auth; __octetSigningIn?: AsyncLocalStorage<{ role: Role | null }> };

/** The role that the provider's claims give whoever is being signed in by this request. */
holder.__octetSigningIn ??= new AsyncLocalStorage();
const signingIn = holder.__octetSigningIn;

const providerOf = ({ issuer, clientId, clientSecret, name, roles }: SignOn): GenericOAuthConfig => ({
  providerId: PROVIDER,
  name,
  discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
  clientId,
  ...(clientSecret ? { clientSecret } : {}),
  scopes: ["openid", "email", "profile"],
  requireIdTokenVerification: true,
  // Without groups that say who may, nobody comes in whom no admin has added.
  disableSignUp: roles === null,
  mapProfileToUser: ({ name: full, email }) => ({ name: full || email || "" }),
});

/** Longest that the start of a process waits for the provider's discovery document. */
const DISCOVERY_MS = 3000;

/**
 * better-auth's plugin reads the document as it starts, however long that takes, and nobody's session is looked at until then.
 * A provider that is late counts as one that is away: the plugin asks it again at the next sign-in, for 10 s at most.
 */
function singleSignOn(config: GenericOAuthConfig[]) {
  const plugin = genericOAuth({ config });
  const init: typeof plugin.init = async (context) => {
    const late = new Promise<null>((resolve) => setTimeout(resolve, DISCOVERY_MS, null).unref());
    const away = {
      socialProviders: context.socialProviders,
      genericOAuthPendingDiscovery: new Map(config.map((one) => [one.providerId, one])),
    };
    return (await Promise.race([plugin.init(context), late])) ?? { context: away };
  };
  return { ...plugin, init };
}

function createAuth() {
  const { OCTET_ORIGIN, PORT } = env();
  const signOn = signOnOf(env());
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
    // An address counts as a person's own where the provider says so; those here were entered by admins.
    account: { accountLinking: { requireLocalEmailVerified: false } },
    user: {
      validateUserInfo: async ({ user, source }) => {
        if (!signOn?.roles || source.method !== "oauth") return;
        const role = grantedRole(signOn, (source.oauth?.profile ?? {}) as Record<string, unknown>);
        if (!role) return { error: "no_role" };
        const request = signingIn.getStore();
        if (request) request.role = role;
        if (source.action !== "create-user" && user.id) await giveRole(String(user.id), role);
      },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => {
            const role = signingIn.getStore()?.role;
            return role ? { data: { ...user, role } } : undefined;
          },
          after: async ({ id, name, email }) => {
            const role = signingIn.getStore()?.role;
            if (role) await audit(runtime().db, BY_SIGN_ON, "person.create", id, { name, email, role });
          },
        },
      },
    },
    plugins: [
      singleSignOn(signOn ? [providerOf(signOn)] : []),
      admin({
        defaultRole: "viewer",
        adminRoles: ["admin"],
        ac: control,
        roles: { admin: control.newRole(adminAc.statements), operator: none, viewer: none },
      }),
    ],
  });
}

/** As the provider has it, but for the last admin: a site without one could never be administered again. */
async function giveRole(id: string, role: Role): Promise<void> {
  await setPersonRole(runtime().db, id, role, BY_SIGN_ON).catch((error: unknown) => {
    if (AppError.from(error).code !== "CONFLICT") throw error;
  });
}

export type Auth = ReturnType<typeof createAuth>;

/** The one authority on sessions. */
export function getAuth(): Auth {
  holder.__octetAuth ??= createAuth();
  return holder.__octetAuth;
}

const SINGLE_SIGN_ON = "/api/auth/sso";
const openPaths = new Set(["/api/auth/sign-in/email", "/api/auth/sign-out", "/api/auth/get-session", `/api/auth/callback/${PROVIDER}`]);

/** Signing in and out over HTTP. The rest of better-auth's routes stays shut: people are managed by `people.*`, with our rules. */
export async function handleAuth(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === SINGLE_SIGN_ON && request.method === "GET") return beginSignOn(request.headers, searchParams.get("next"));
  if (!openPaths.has(pathname)) return new Response("Not found", { status: 404 });
  return signingIn.run({ role: null }, () => getAuth().handler(request));
}

/** Sends a browser to the provider; it comes back to the callback, and from there to `next`, or with an error to the sign-in. */
async function beginSignOn(headers: Headers, next: string | null): Promise<Response> {
  const back = (error: string) => new Response(null, { status: 302, headers: { location: `/sign-in?error=${error}` } });
  if (!signOnOf(env())) return new Response("Not found", { status: 404 });
  const begun = await getAuth()
    .api.signInSocial({
      body: { provider: PROVIDER, callbackURL: sitePath(next), errorCallbackURL: "/sign-in" },
      headers,
      asResponse: true,
    })
    .catch(() => null);
  const { url } = begun?.ok ? ((await begun.json()) as { url?: string }) : {};
  // Its discovery document could not be read: it is asked for again the next time.
  if (!begun || !url) return back("provider_unavailable");
  const answer = new Response(null, { status: 302, headers: { location: url } });
  for (const cookie of begun.headers.getSetCookie()) answer.headers.append("set-cookie", cookie);
  return answer;
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
