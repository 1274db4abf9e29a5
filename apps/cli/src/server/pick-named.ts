import { AppError } from "@octet/shared/errors";

/**
 * The one with this id or name; the name's case counts only where it must.
 * @param noun "model", "profile"
 * @param command that lists them
 * @throws AppError NOT_FOUND, BAD_INPUT where several are named so
 */
export function pickNamed<T extends { id: string; name: string }>(all: readonly T[], idOrName: string, noun: string, command: string): T {
  const text = idOrName.trim();
  const wanted = text.toLowerCase();
  const known = all.find(({ id }) => id === text || id === wanted);
  if (known) return known;
  const exact = all.filter(({ name }) => name === text);
  const alike = exact.length > 0 ? exact : all.filter(({ name }) => name.toLowerCase() === wanted);
  if (alike.length === 1) return alike[0]!;
  if (alike.length > 1)
    throw new AppError("BAD_INPUT", `Several are named like "${text}": ${alike.map(({ name, id }) => `${name} (${id})`).join(", ")}`, {
      hint: exact.length > 1 ? "Give the id instead." : "Write the name exactly, or give the id.",
    });
  const near = [...new Set(all.map(({ name }) => name).filter((name) => name.toLowerCase().includes(wanted)))].slice(0, 5);
  throw new AppError("NOT_FOUND", `There is no ${noun} "${text}"`, {
    hint: near.length > 0 ? `Did you mean ${near.map((name) => `"${name}"`).join(", ")}?` : `See \`${command}\`.`,
  });
}
