import { expect, it } from "vitest";
import { type FleetHost, type FleetReport, measuredOn } from "./fleet-report.ts";
import { fullHd } from "./frame-size.ts";
import { plan } from "./plan.ts";

const run = (model: string, framesPerSecond: number, from: string) => ({ model, precision: "int8" as const, framesPerSecond, from });
const north: FleetHost = {
  id: "w1",
  name: "north",
  hostname: "north.lan",
  online: true,
  gpu: "this-host",
  memoryBytes: 32e9,
  inference: run("yunet", 40, "live"),
  decode: { codec: "h264", size: fullHd, framesPerSecond: 300, from: "live" },
};
const cost = { parameters: 500_000, macs: 1e9, layerElements: 16_000_000 };
const report: FleetReport = {
  hosts: [north],
  benchmarks: [
    { id: "b1", host: "north.lan", profile: "doors", gpu: "this-host", inference: run("c0ffee", 90, "newer") },
    { id: "b2", host: "north.lan", profile: "doors", gpu: "this-host", inference: run("c0ffee", 70, "older") },
    { id: "b3", host: "north.lan", profile: "doors", gpu: "a10", inference: run("c0ffee", 5000, "before the card went") },
    { id: "b4", host: "south.lan", profile: "doors", gpu: "this-host", inference: run("c0ffee", 900, "another host") },
  ],
  cameras: { kinds: [], left: 0 },
  models: [
    { modelId: "m1", id: "c0ffee", name: "doors", input: { width: 640, height: 640 }, cost },
    { modelId: "m2", id: "dead", name: "not counted", input: { width: 640, height: 640 }, cost: null },
  ],
};
it("takes what was measured on the host and its GPU alone, live before benchmarks, newest first", () => {
  const fleet = measuredOn(north, report);
  expect(fleet.inference.map(({ from }) => from)).toEqual(["live", "newer", "older"]);
  expect(fleet).toMatchObject({ decode: [north.decode], memoryBytes: 32e9, models: [{ id: "c0ffee", cost }] });
  const planned = plan({ gpu: "this-host", model: "c0ffee", streams: 10, fps: 10, fleet });
  expect(planned).toMatchObject({ fits: true, streams: 18, loads: { compute: { capacity: 90, source: "measured" } } });
});

it("leaves a card's published decode rates alone, and what is not known out", () => {
  expect(measuredOn({ ...north, gpu: "a10" }, report).decode).toEqual([]);
  expect(measuredOn({ ...north, decode: null }, report).decode).toEqual([]);
});
