import type { CameraStatus } from "@octet/shared/domain/camera";
import { newCameraStatus, newFrameCounters } from "@octet/testing/new-camera-status";
import { expect, it } from "vitest";
import { StatusFeed } from "./status-feed.ts";

const status = (n: number, state: CameraStatus["state"] = "online", decoded = 0): CameraStatus =>
  newCameraStatus({ cameraId: `c${n}`, state, counters: newFrameCounters({ decoded }) });
const ids = (list: CameraStatus[]): string[] => list.map(({ cameraId }) => cameraId);

it("tells all of a small site each second, and what is gone", () => {
  const feed = new StatusFeed();
  expect(feed.tick([status(1), status(2)])).toEqual({ all: [status(1), status(2)], gone: [] });
  expect(ids(feed.tick([status(1, "online", 5), status(2)]).all)).toEqual(["c1", "c2"]);
  expect(feed.tick([status(2)])).toEqual({ all: [status(2)], gone: ["c1"] });
  expect(feed.tick([status(2)]).gone).toEqual([]);
});

it("tells of a large site what is new at once, and the rest in turn", () => {
  const feed = new StatusFeed();
  const site = (changed: number, decoded: number) =>
    Array.from({ length: 1000 }, (_, n) => status(n, n === changed ? "offline" : "online", decoded));
  expect(feed.tick(site(-1, 0)).all).toHaveLength(1000);
  expect(feed.first(site(-1, 0), [status(7)])).toEqual([status(7)]);
  expect(feed.first([status(1), status(2)], [])).toHaveLength(2);
  const heard = new Set<string>();
  for (let second = 1; second <= 5; second++) {
    const { all } = feed.tick(site(-1, second));
    expect(all).toHaveLength(200);
    for (const id of ids(all)) heard.add(id);
  }
  expect(heard.size).toBe(1000);
  const { all } = feed.tick(site(999, 9));
  expect(ids(all).filter((id) => id === "c999")).toHaveLength(1);
  expect(all.length).toBeLessThanOrEqual(201);
});

it("spreads what is new over seconds where it is very much", () => {
  const feed = new StatusFeed();
  const site = Array.from({ length: 2500 }, (_, n) => status(n));
  const heard = new Set<string>();
  for (const expected of [1000, 1000]) {
    const { all } = feed.tick(site);
    expect(all).toHaveLength(expected);
    for (const id of ids(all)) heard.add(id);
  }
  for (const id of ids(feed.tick(site).all)) heard.add(id);
  expect(heard.size).toBe(2500);
});
