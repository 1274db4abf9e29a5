import { escapeHtml } from "../html/escape.ts";

/** HTML that is safe: made by `html`, which escapes all that is put into it and is not such HTML itself. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | readonly Html[];

/** A template of HTML: names come from files and people, so every value is escaped. */
export function html(strings: TemplateStringsArray, ...values: Part[]): Html {
  const text = (value: Part): string => {
    if (value === null) return "";
    if (value instanceof Html) return value.text;
    if (Array.isArray(value)) return value.map((one: Html) => one.text).join("");
    return escapeHtml(String(value));
  };
  return new Html(strings.map((string, at) => (at < values.length ? string + text(values[at]!) : string)).join(""));
}

/** "–" for what is not known. */
export function figure(value: number | null | undefined, digits: number, unit = ""): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = (Number(value.toFixed(digits)) + 0).toFixed(digits).replace("-", "−");
  return unit ? `${text} ${unit}` : text;
}

export const bytes = (count: number | null): string =>
  count === null
    ? "–"
    : count >= 1e9
      ? figure(count / 1e9, 2, "GB")
      : count >= 1e6
        ? figure(count / 1e6, 1, "MB")
        : figure(count / 1e3, 1, "kB");

/** UTC, so that the same facts give the same page everywhere. */
export const moment = (date: Date): string => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

export function table(caption: string, heads: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  return html`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows.map(
    ([first, ...rest]) => html`<tr><th scope="row">${first ?? ""}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

export function facts(entries: readonly (readonly [name: string, value: string | Html])[]): Html {
  return html`<dl class="facts">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
