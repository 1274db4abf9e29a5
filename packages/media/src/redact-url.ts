/** A URL as it may be logged and shown: the password is replaced by `•••`, and so are secrets in the query. */
export function redactUrl(url: string): string {
  return (
    url
      // Up to the last @ before the path: an unescaped @ inside a password must not show its tail.
      .replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (_match, scheme: string, userInfo: string) => {
        const colon = userInfo.indexOf(":");
        return colon < 0 ? `${scheme}${userInfo}@` : `${scheme}${userInfo.slice(0, colon)}:•••@`;
      })
      .replace(/([?&](?:pass|password|passwd|pwd|token|secret|key|auth)=)[^&#]*/gi, "$1•••")
  );
}

/** The password of a URL, in each form it could take in a message. */
function passwordsOf(url: string): string[] {
  const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(url)?.[1];
  const raw = userInfo?.includes(":") ? userInfo.slice(userInfo.indexOf(":") + 1) : "";
  if (raw === "") return [];
  try {
    return [raw, decodeURIComponent(raw)];
  } catch {
    return [raw];
  }
}

/** `text` (a message of another library, say) without `url`'s password in any form. */
export function redactText(text: string, url: string): string {
  let clean = text.replaceAll(url, redactUrl(url));
  // A password of one or two letters would garble every message; the URL itself is covered above.
  for (const password of passwordsOf(url)) if (password.length > 2) clean = clean.replaceAll(password, "•••");
  return clean;
}
