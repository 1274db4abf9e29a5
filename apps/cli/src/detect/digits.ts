/** Three columns by five rows, top row first, one bit a pixel: labels need no font, which a server may not have. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  "0": [7, 5, 5, 5, 7],
  "1": [2, 6, 2, 2, 7],
  "2": [7, 1, 7, 4, 7],
  "3": [7, 1, 7, 1, 7],
  "4": [5, 5, 7, 1, 1],
  "5": [7, 4, 7, 1, 7],
  "6": [7, 4, 7, 5, 7],
  "7": [7, 1, 2, 2, 2],
  "8": [7, 5, 7, 5, 7],
  "9": [7, 5, 7, 1, 7],
  ".": [0, 0, 0, 0, 2],
  "#": [5, 7, 5, 7, 5],
  " ": [0, 0, 0, 0, 0],
};

/** Height in pixels of the glyphs, and what one takes with its gap. */
export const GLYPH_HEIGHT = 5;
export const GLYPH_ADVANCE = 4;

/** An SVG path of `text` (0–9 . # and blanks) with its top left corner at x, y; one glyph pixel is `size` wide. */
export function digitsPath(text: string, x: number, y: number, size: number): string {
  let path = "";
  for (const [index, character] of [...text].entries()) {
    for (const [row, bits] of (glyphs[character] ?? []).entries()) {
      for (let column = 0; column < 3; column++) {
        if (bits & (4 >> column)) path += `M${x + (index * GLYPH_ADVANCE + column) * size} ${y + row * size}h${size}v${size}h${-size}z`;
      }
    }
  }
  return path;
}
