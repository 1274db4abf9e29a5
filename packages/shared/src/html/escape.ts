/** Text as HTML and SVG content or as a quoted attribute. Names come from files, which anyone may have written. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\p{Cc}|\p{Cf}/gu, "\u{fffd}");
}
