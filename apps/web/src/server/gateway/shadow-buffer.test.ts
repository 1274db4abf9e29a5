import type { ShadowReport } from "@octet/shared/domain/shadow";
import { pino } from "pino";
import { expect, it } from "vitest";
import { ShadowBuffer } from "./shadow-buffer.ts";

const report = (runId: string, frames: number) => ({ runId, frames }) as ShadowReport;
const logger = pino({ level: "silent" });

it("saves the newest of each run, once, and again what could not be saved", async () => {
  const saved: [string, number][][] = [];
  let down = true;
  const buffer = new ShadowBuffer(
    async (reports) => {
      if (down) throw new Error("no database");
      saved.push(reports.map(({ runId, frames }) => [runId, frames]));
    },
    logger,
    3_600_000,
  );
  buffer.add([report("a", 1), report("b", 5)]);
  await buffer.flush();
  buffer.add([report("a", 2)]);
  down = false;
  await buffer.flush();
  expect(saved).toEqual([
    [
      ["a", 2],
      ["b", 5],
    ],
  ]);
  buffer.add([report("a", 2), report("b", 6)]);
  await buffer.close();
  expect(saved[1]).toEqual([["b", 6]]);
});
