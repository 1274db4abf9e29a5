/** Sign-in of the Octet that global-setup.ts started. */
export const account = { email: "e2e@octet.local", password: "correct-horse-battery" };

export function baseUrl(): string {
  const url = process.env["OCTET_E2E_URL"];
  if (!url) throw new Error("global-setup.ts did not run");
  return url;
}
