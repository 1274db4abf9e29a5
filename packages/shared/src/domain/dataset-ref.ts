/** What people write for a version of a data set: NAME, which is its newest, or NAME@2. */
export function splitVersionRef(ref: string): { name: string; version: number | null } {
  const match = /^(.*\S)\s*@\s*v?(\d{1,9})$/i.exec(ref.trim());
  return match ? { name: match[1]!, version: Number(match[2]) } : { name: ref.trim(), version: null };
}
