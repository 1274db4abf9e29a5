import { describe, expect, it } from "vitest";
import { grantedRole, signOnEnvSchema, signOnOf, signOnProblem } from "./sign-on.ts";

const settings = { OCTET_OIDC_ISSUER: "https://id.example/realm", OCTET_OIDC_CLIENT_ID: "octet" };
const read = (more: Record<string, string> = {}) => signOnEnvSchema.parse({ ...settings, ...more });

it("is off unless issuer and client are there, and says what is missing", () => {
  expect(signOnOf(signOnEnvSchema.parse({}))).toBeNull();
  expect(signOnProblem(signOnEnvSchema.parse({}), undefined)).toBeNull();
  expect(signOnProblem(signOnEnvSchema.parse({ OCTET_OIDC_CLIENT_ID: "octet" }), "https://octet.example")).toContain("together");
  expect(signOnProblem(read(), undefined)).toContain("OCTET_ORIGIN");
  expect(signOnProblem(read({ OCTET_OIDC_ISSUER: "http://id.example" }), "https://octet.example")).toContain("https://");
  expect(signOnProblem(read({ OCTET_OIDC_ISSUER: "http://127.0.0.1:9000" }), "http://localhost:3000")).toBeNull();
  expect(signOnOf(read())).toMatchObject({ issuer: settings.OCTET_OIDC_ISSUER, claim: "groups", roles: null });
});

describe("roles", () => {
  it("are the highest that a claim gives", () => {
    const signOn = signOnOf(read({ OCTET_OIDC_ROLES: "viewer=staff, operator=guards, admin=octet = admins", OCTET_OIDC_CLAIM: "roles" }))!;
    const role = (roles: unknown) => grantedRole(signOn, { roles });
    expect([role(["staff", "guards"]), role("staff"), role(["octet = admins", 7]), role(["others"]), role(undefined)]).toEqual([
      "operator",
      "viewer",
      "admin",
      null,
      null,
    ]);
    expect(grantedRole(signOn, { groups: ["guards"] })).toBeNull();
  });

  it("may be for anyone, and come of no claim where none are set", () => {
    expect(grantedRole(signOnOf(read({ OCTET_OIDC_ROLES: "viewer=*" }))!, {})).toBe("viewer");
    expect(grantedRole(signOnOf(read())!, { groups: ["octet-admins"] })).toBeNull();
  });

  it.each(["boss=staff", "admin", "admin=", "=staff"])("are refused where they are written as %j", (OCTET_OIDC_ROLES) => {
    expect(() => read({ OCTET_OIDC_ROLES })).toThrow("is none of");
  });
});
