import { table } from "../output/table.ts";

/** ok · absent: something that is not here and need not be · warn · fail */
export type CheckStatus = "ok" | "absent" | "warn" | "fail";

export interface Check {
  name: string;
  status: CheckStatus;
  detail: string;
  hint?: string;
}

const marks: Readonly<Record<CheckStatus, string>> = { ok: "ok", absent: "–", warn: "WARN", fail: "FAIL" };

/** The checks for a person. */
export function checkTable(checks: readonly Check[]): string {
  return table(
    checks,
    [
      { title: "", of: ({ status }) => marks[status] },
      { title: "CHECK", of: ({ name }) => name },
      { title: "FOUND", of: ({ detail, hint }) => (hint ? `${detail}. ${hint}` : detail) },
    ],
    "",
  );
}
