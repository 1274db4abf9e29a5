import { clean } from "./table.ts";

/** Names and what they stand for, in two columns; what is empty is left out. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const known = pairs.filter(([, value]) => value !== "");
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${clean(value)}`).join("\n");
}
