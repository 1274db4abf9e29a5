import { AppError } from "@octet/shared/errors";

export const MASK = "•••";
const encodedMask = encodeURIComponent(MASK);

const secretName = "(?<![a-z])(?:[a-z]+[_-])*(?:pass(?:word|wd|code)?|pwd|(?:api|access|auth|session)?(?:token|key)|secret|auth)=";
/** Some cameras take `/user=admin&password=x&channel=1` as a path. There a value ends at a slash, in a query it may hold one. */
const secretInPath = new RegExp(`(${secretName})([^&;?#/]+)`, "gi");
const secretInQuery = new RegExp(`(${secretName})([^&#]+)`, "gi");

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** Replaces the value of each parameter that looks like a secret. The rest stays as it was written: cameras are picky. */
function replaceSecrets(url: string, replacement: (name: string, value: string) => string): string {
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  const replace = (_: string, name: string, value: string): string => name + replacement(name, value);
  return path.replace(secretInPath, replace) + (query < 0 ? "" : url.slice(query).replace(secretInQuery, replace));
}

/** The URL with its password, and parameters that look like one, replaced by `•••`. */
export function maskUrl(url: string): string {
  const parsed = parse(url);
  if (parsed?.password) parsed.password = MASK;
  const withoutPassword = parsed?.password ? parsed.href.replace(encodedMask, MASK) : url;
  return replaceSecrets(withoutPassword, () => MASK);
}

const hasMask = (url: string): boolean => url.includes(MASK) || url.includes(encodedMask);

/** `edited` with the secrets of `stored` where it shows the mask, or null where it goes elsewhere or a secret is missing. */
function fill(edited: URL, stored: string): string | null {
  const before = parse(stored);
  if (!before || edited.protocol !== before.protocol || edited.host !== before.host || edited.username !== before.username) return null;
  const next = new URL(edited);
  if (next.password === encodedMask && before.password) next.password = before.password;
  const known = new Map<string, string[]>();
  replaceSecrets(stored, (name, value) => {
    known.set(name, [...(known.get(name) ?? []), value]);
    return value;
  });
  const filled = replaceSecrets(next.href, (name, value) => {
    const secret = known.get(name)?.shift();
    return hasMask(value) && secret !== undefined ? secret : value;
  });
  return hasMask(filled) ? null : filled;
}

/**
 * An edited URL that still shows the mask keeps a stored secret, as long as it goes to the same place as the same
 * user. Otherwise a stored password could be sent to a host of the editor's choice. `stored`: the camera's URLs, the
 * likeliest first.
 *
 * @throws AppError CAMERA_PASSWORD_REQUIRED
 */
export function mergeMaskedUrl(edited: string, ...stored: (string | null)[]): string {
  if (!hasMask(edited)) return edited;
  const next = parse(edited);
  for (const candidate of stored) {
    const filled = next && candidate !== null ? fill(next, candidate) : null;
    if (filled !== null) return filled;
  }
  const why = stored.some((url) => url !== null) ? "The stored password is used only while host, port and user stay the same. " : "";
  throw new AppError("CAMERA_PASSWORD_REQUIRED", "Enter the password again", { hint: `${why}Replace ${MASK} in the URL by the password.` });
}
