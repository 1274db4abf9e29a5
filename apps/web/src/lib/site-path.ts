/** Only a path of this site may follow a sign-in: browsers read "//" and "/\\" as the beginning of another site's address. */
export const sitePath = (next: string | null): string => (next && /^\/(?![/\\])/.test(next) ? next : "/");
