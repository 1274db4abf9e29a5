import type { AppError } from "@octet/shared/errors";

/** 0 done · 1 a check failed · 2 bad input, wrong usage, or an error that stopped the command. */
export const exitCodes = { done: 0, checkFailed: 1, failed: 2 } as const;

/** Where a command's words go: with `--json` exactly one document on stdout, else text. */
export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** The outcome: `document` with `--json`, else `text` (none where null, because it was said line by line). */
  result(document: unknown, text: (() => string) | null): void {
    if (this.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    else if (text) process.stdout.write(`${text()}\n`);
  }

  /** Part of a result as it comes; nothing with `--json`. */
  line(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** For the person only: stderr, and nothing with `--json`. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`);
  }

  error(error: AppError): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ error: error.toInfo() }, null, 2)}\n`);
    else process.stderr.write(`error ${error.code}: ${error.message}\n${error.hint ? `${error.hint}\n` : ""}`);
  }
}
