import { type Role, roleSchema } from "@octet/shared/domain/access";
import { splitList } from "@octet/shared/split-list";
import { z } from "zod";

/** Highest first. */
const ranks = ["admin", "operator", "viewer"] as const satisfies readonly Role[];
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** "admin=octet-admins,viewer=*": which values of the claim give which role; `*` is anyone. */
const rolesSchema = z.string().transform((text, context) =>
  splitList(text).map((part) => {
    const [role, value] = [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()];
    const known = roleSchema.safeParse(role);
    if (!part.includes("=") || !known.success || value === "") {
      context.addIssue({ code: "custom", message: `"${part}" is none of admin=GROUP, operator=GROUP, viewer=GROUP or viewer=*` });
      return z.NEVER;
    }
    return { role: known.data, value };
  }),
);

/** Single sign-on by OpenID Connect (OpenID Connect Core 1.0), as the environment has it. */
export const signOnEnvSchema = z.object({
  /** The provider's issuer: its discovery document lies under it. Sets single sign-on up, with the client's id. */
  OCTET_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OCTET_OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Absent: a public client (PKCE is used either way). */
  OCTET_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** On the button: "Sign in with …". */
  OCTET_OIDC_NAME: z.string().trim().min(1).max(40).default("single sign-on"),
  /** Claim of the ID token, a text or a list of them, that roles go by. */
  OCTET_OIDC_CLAIM: z.string().min(1).default("groups"),
  /** Absent: only people whom an admin has added may sign in, with the role that they have here. */
  OCTET_OIDC_ROLES: rolesSchema.optional(),
});
type SignOnEnv = z.infer<typeof signOnEnvSchema>;

export interface SignOn {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  name: string;
  claim: string;
  /** null: a person's role is Octet's own. */
  roles: readonly { role: Role; value: string }[] | null;
}

/** What keeps the settings from working, for whoever made them. */
export function signOnProblem({ OCTET_OIDC_ISSUER, OCTET_OIDC_CLIENT_ID }: SignOnEnv, origin: string | undefined): string | null {
  if (!OCTET_OIDC_ISSUER && !OCTET_OIDC_CLIENT_ID) return null;
  if (!OCTET_OIDC_ISSUER || !OCTET_OIDC_CLIENT_ID) return "OCTET_OIDC_ISSUER and OCTET_OIDC_CLIENT_ID must be set together";
  // That it is none is said by the schema.
  if (!URL.canParse(OCTET_OIDC_ISSUER)) return null;
  const { protocol, hostname } = new URL(OCTET_OIDC_ISSUER);
  if (protocol === "http:" && !LOCAL.test(hostname)) return "OCTET_OIDC_ISSUER must be an https:// address";
  return origin ? null : "OCTET_ORIGIN must be set for single sign-on: the provider sends people back to it";
}

/** null: it is not set up. */
export function signOnOf(env: SignOnEnv): SignOn | null {
  if (!env.OCTET_OIDC_ISSUER || !env.OCTET_OIDC_CLIENT_ID) return null;
  return {
    issuer: env.OCTET_OIDC_ISSUER,
    clientId: env.OCTET_OIDC_CLIENT_ID,
    clientSecret: env.OCTET_OIDC_CLIENT_SECRET ?? null,
    name: env.OCTET_OIDC_NAME,
    claim: env.OCTET_OIDC_CLAIM,
    roles: env.OCTET_OIDC_ROLES ?? null,
  };
}

/** The highest role that a person's claims give; null: none. */
export function grantedRole({ claim, roles }: Pick<SignOn, "claim" | "roles">, claims: Readonly<Record<string, unknown>>): Role | null {
  const values = new Set([claims[claim]].flat().filter((value) => typeof value === "string"));
  return ranks.find((rank) => roles?.some(({ role, value }) => role === rank && (value === "*" || values.has(value)))) ?? null;
}
