import type { AnyRouter } from "@trpc/server";
import { z } from "zod";
import type { ProcedureMeta } from "../trpc.ts";
import { inputText } from "./input-text.ts";

/** Between these, docs/api.md is made of the router; the rest is written by hand. */
const BEGIN = "<!-- made of the router by `npm run api-reference` -->";
const END = "<!-- end of what is made -->";

interface Procedure {
  /** With its router: `cameras.list`. */
  name: string;
  kind: "query" | "mutation";
  meta: ProcedureMeta;
  /** null where it takes nothing. */
  input: z.ZodType | null;
}

/** What tRPC keeps of a procedure, as far as it is told here; its own types leave the input's schema out. */
const procedureSchema = z.object({
  type: z.enum(["query", "mutation"]),
  meta: z.custom<ProcedureMeta>().optional(),
  inputs: z.array(z.instanceof(z.ZodType)).max(1),
});

export function proceduresOf(router: AnyRouter): Procedure[] {
  return Object.entries(router._def.procedures).map(([name, procedure]) => {
    const { type, meta = {}, inputs } = procedureSchema.parse((procedure as { _def: unknown })._def);
    return { name, kind: type, meta, input: inputs[0] ?? null };
  });
}

/** A table of procedures for each router, in Markdown. */
export function referenceText(router: AnyRouter): string {
  const procedures = proceduresOf(router);
  const nouns = [...new Set(procedures.map(({ name }) => nounOf(name)))];
  return nouns
    .map((noun) =>
      [
        `### ${noun}`,
        "",
        "| Procedure | Kind | From | What it does | Input |",
        "|---|---|---|---|---|",
        ...procedures.filter(({ name }) => nounOf(name) === noun).map(rowOf),
      ].join("\n"),
    )
    .join("\n\n");
}

const nounOf = (name: string): string => name.slice(0, name.indexOf("."));

function rowOf({ name, kind, meta: { role, summary }, input }: Procedure): string {
  const cells = [`\`${name}\``, kind, role ?? "", summary ?? "", input ? inputText(input) : ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** The document with its tables as the router has them now. */
export function withReference(document: string, router: AnyRouter): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The document has no place for the tables: ${BEGIN} … ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${referenceText(router)}\n\n${document.slice(end)}`;
}
