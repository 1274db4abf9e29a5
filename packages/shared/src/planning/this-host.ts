import { AppError } from "../errors.ts";
import { estimated, measured } from "./figure.ts";
import type { Fleet } from "./fleet.ts";
import type { Gpu } from "./gpu.ts";
import { THIS_HOST } from "./gpu-catalogue.ts";

/**
 * The machine that was measured, whatever it is.
 * @throws AppError BAD_INPUT where a measurement is missing that nothing can stand in for
 */
export function thisHost(fleet: Fleet): Gpu {
  const { memoryBytes } = fleet;
  if (memoryBytes === undefined || fleet.inference.length === 0 || fleet.decode.length === 0)
    throw new AppError("BAD_INPUT", "This host is planned for by what was measured on it: inference rate, decode rate and memory", {
      hint: "Measure the model with `octet bench`; the decode rate is what the worker's Workers page shows under full load.",
    });
  return {
    id: THIS_HOST,
    name: "This host",
    kind: "host",
    memoryBytes: measured(memoryBytes, "this host"),
    systemBytes: estimated(2e9, "system and services"),
    bandwidth: estimated(20e9, "one memory channel"),
    peak: null,
    decoder: { generation: "software", engines: measured(1, "this host"), clockRatio: measured(1, "this host") },
    powerWatts: null,
    batch: 1,
  };
}
