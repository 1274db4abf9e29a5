import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type AcceptanceFacts, acceptanceFactsSchema } from "@octet/shared/acceptance/facts";
import { renderAcceptance } from "@octet/shared/acceptance/page";
import { AppError } from "@octet/shared/errors";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { openPlace, type PlaceOptions } from "../place/open-place.ts";
import { placeText, whereOf } from "../place/place.ts";
import { localFacts } from "./local-facts.ts";

/** Exit 1 where the gate stops the profile: the report is written all the same. */
export async function runReport(context: CommandContext, profile: string, options: PlaceOptions & { out?: string }): Promise<number> {
  const place = await openPlace(context, options);
  const facts: AcceptanceFacts =
    place.kind === "server"
      ? { ...(await place.api.query("acceptance.facts", { profile }, acceptanceFactsSchema)), source: place.url }
      : await localFacts(place.folder, profile);
  const out = options.out && path.resolve(options.out);
  if (out) await write(out, renderAcceptance(facts));
  context.output.result({ ...whereOf(place), ...(out ? { written: out } : {}), facts }, () =>
    [placeText(place), verdictText(facts), ...(out ? [`wrote ${out}`] : [])].join("\n"),
  );
  return facts.gate.passed && facts.profile.state !== "rejected" ? exitCodes.done : exitCodes.checkFailed;
}

function verdictText({ profile, gate }: AcceptanceFacts): string {
  const verdict =
    profile.state === "rejected"
      ? `${profile.name} was rejected`
      : gate.passed
        ? `The gate lets ${profile.name} pass`
        : `The gate stops ${profile.name}`;
  return [verdict, ...gate.findings.map(({ passed, message }) => `  ${passed ? "ok    " : "failed"}  ${message}`)].join("\n");
}

/** Whole or not at all. */
async function write(file: string, page: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, page);
    await rename(part, file);
  } catch (cause) {
    throw new AppError("BAD_INPUT", `Cannot write ${file}: ${AppError.from(cause).message}`, { cause });
  } finally {
    await rm(part, { force: true });
  }
}
