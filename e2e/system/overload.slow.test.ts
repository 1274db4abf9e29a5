import type { CameraStatus } from "@octet/shared/domain/camera";
import { waitFor } from "@octet/testing/wait-for";
import { expect, it } from "vitest";
import { Site } from "./site.ts";

type Listed = { id: string; status: CameraStatus | null };

it("gives cameras less than they ask for where that is too much, by priority, and what they ask for when it is not", async () => {
  await using site = await Site.start();
  await site.addWorker("one");
  const add = (name: string, detectFps: number, priority: "normal" | "high", seed: number) =>
    site.addCamera({ name, url: `synthetic:faces?size=160x120&fps=25&seed=${seed}`, detectFps, priority });
  const gate = await add("Gate", 0.5, "high", 0);
  // 200 detections a second, with a model of 640×640 pixels on one thread.
  const yards = await Promise.all(Array.from({ length: 8 }, (_, index) => add(`Yard ${index}`, 25, "normal", index + 1)));
  const granted = async (): Promise<Map<string, number | null>> =>
    new Map((await site.query<Listed[]>("cameras.list")).map(({ id, status }) => [id, status?.granted ?? null]));

  await waitFor(
    "rates to be lowered, but for the one of a higher priority",
    async () => {
      const rates = await granted();
      // On a host that is busy otherwise too, some may be left out.
      return rates.get(gate.id) === 0.5 && yards.every(({ id }) => (rates.get(id) ?? 25) < 22);
    },
    90_000,
  );

  for (const { id } of yards) await site.mutate("cameras.update", { id, patch: { detectFps: 0.2 } });
  await waitFor(
    "all to have what they ask for",
    async () => {
      const rates = await granted();
      return yards.every(({ id }) => rates.get(id) === 0.2);
    },
    60_000,
  );
  expect((await granted()).get(gate.id)).toBe(0.5);
}, 240_000);
