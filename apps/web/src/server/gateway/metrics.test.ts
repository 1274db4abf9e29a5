import { alarmKinds } from "@octet/shared/domain/alarm";
import type { CameraState } from "@octet/shared/domain/camera";
import { newGpuLoad } from "@octet/testing/new-worker";
import { expect, it } from "vitest";
import { GatewayMetrics } from "./metrics.ts";

const states: Record<CameraState, number> = { disabled: 0, waiting: 0, connecting: 0, online: 1, offline: 0 };
const gpu = newGpuLoad({ powerWatts: null });
const none = Object.fromEntries(alarmKinds.map((kind) => [kind, 0])) as Record<(typeof alarmKinds)[number], number>;

it("tells whether the database answers, and how many alarms are open where that is known", async () => {
  const metrics = new GatewayMetrics();
  metrics.setSite({ database: true, alarms: { ...none, "host-lost": 2 } });
  const up = await metrics.text(states, 1);
  expect(up).toContain("octet_database_up 1\n");
  expect(up).toContain('octet_alarms{kind="host-lost"} 2\n');
  expect(up).toContain('octet_alarms{kind="spool-loss"} 0\n');
  metrics.setSite({ database: false, alarms: null });
  const down = await metrics.text(states, 1);
  expect(down).toContain("octet_database_up 0\n");
  expect(down).not.toContain("octet_alarms{");
});

it("tells of the GPUs of workers that are there", async () => {
  const metrics = new GatewayMetrics();
  metrics.setGpus([{ worker: "north", gpus: [gpu] }]);
  const text = await metrics.text(states, 1);
  expect(text).toContain('octet_fleet_gpu_decoder_percent{worker="north",gpu="0",name="NVIDIA L4"} 72\n');
  expect(text).not.toContain("octet_fleet_gpu_power_watts{");
  metrics.setGpus([]);
  expect(await metrics.text(states, 1)).not.toContain('worker="north"');
});
