import { AppError } from "@octet/shared/errors";

export const MASK = "•••";
const encodedMask = encodeURIComponent(MASK);
const secretParameter = /^(pass(word|wd)?|pwd|token|key|secret|auth)$/i;

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** The URL with its password, and parameters that look like one, replaced by `•••`. */
export function maskUrl(url: string): string {
  const parsed = parse(url);
  if (!parsed) return url;
  if (parsed.password) parsed.password = MASK;
  for (const name of new Set(parsed.searchParams.keys()))
    if (secretParameter.test(name) && parsed.searchParams.get(name)) parsed.searchParams.set(name, MASK);
  return parsed.href.replaceAll(encodedMask, MASK);
}

const hasMask = (url: string): boolean => url.includes(MASK) || url.includes(encodedMask);

/**
 * An edited URL that still shows the mask keeps the stored secret, as long as it goes to the same place as the same
 * user. Otherwise a stored password could be sent to a host of the editor's choice.
 *
 * @throws AppError CAMERA_PASSWORD_REQUIRED
 */
export function mergeMaskedUrl(edited: string, stored: string | null): string {
  if (!hasMask(edited)) return edited;
  const next = parse(edited);
  const before = stored === null ? null : parse(stored);
  if (!next || !before || next.protocol !== before.protocol || next.host !== before.host || next.username !== before.username) {
    throw new AppError("CAMERA_PASSWORD_REQUIRED", "Enter the password again", {
      hint: `The address changed, so the stored password is not used. Replace ${MASK} in the URL by the password.`,
    });
  }
  if (decodeURIComponent(next.password) === MASK) next.password = before.password;
  for (const [name, value] of [...next.searchParams]) if (value === MASK) next.searchParams.set(name, before.searchParams.get(name) ?? "");
  return next.href;
}
