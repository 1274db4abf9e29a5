/** Items of a text such as `site=north, gpu`, trimmed; empty ones are left out. */
export const splitList = (text: string, separator: "," | ";" = ","): string[] =>
  text
    .split(separator)
    .map((item) => item.trim())
    .filter(Boolean);
