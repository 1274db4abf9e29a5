import type { Detection } from "@octet/shared/domain/detection";
import { describe, expect, it } from "vitest";
import { Tracker } from "./tracker.ts";

/** A face with its centre at x, y. */
const face = (x: number, y: number, { size = 0.08, score = 0.9 } = {}): Detection => ({
  box: { x: x - size / 2, y: y - size / 2, w: size, h: size },
  score,
  label: "face",
  landmarks: null,
  trackId: null,
});
const ids = (detections: Detection[]) => detections.map(({ trackId }) => trackId);

describe("Tracker", () => {
  it("confirms at the second hit; ids rise from 1 without holes", () => {
    const tracker = new Tracker();
    expect(ids(tracker.update([face(0.2, 0.5), face(0.8, 0.5)], 0))).toEqual([null, null]);
    // The second was a flash: another one appears elsewhere.
    expect(ids(tracker.update([face(0.2, 0.5), face(0.5, 0.9)], 200))).toEqual([1, null]);
    expect(ids(tracker.update([face(0.2, 0.5), face(0.5, 0.9)], 400))).toEqual([1, 2]);
  });

  it("begins at firstId and leaves its input as it was", () => {
    const tracker = new Tracker({ firstId: 41 });
    const detections = [face(0.5, 0.5)];
    tracker.update(detections, 0);
    expect(ids(tracker.update(detections, 100))).toEqual([41]);
    expect(ids(detections)).toEqual([null]);
  });

  it.each([25, 10, 5])("keeps the ids of two people who cross, at %i frames a second", (fps) => {
    const tracker = new Tracker();
    const found: (number | null)[][] = [];
    for (let frame = 0; frame <= 4 * fps; frame++) {
      const t = frame / fps;
      const right = face(0.1 + 0.2 * t, 0.5);
      const left = face(0.9 - 0.2 * t, 0.53);
      // Their order in the list must not matter.
      const swapped = frame % 3 === 0;
      const seen = ids(tracker.update(swapped ? [left, right] : [right, left], t * 1000));
      found.push(swapped ? seen.reverse() : seen);
    }
    expect(new Set(found.slice(1).map(String))).toEqual(new Set([String(found[1])]));
  });

  it("keeps the ids when one hides the other while they cross", () => {
    const tracker = new Tracker();
    const found: (number | null)[] = [];
    for (let frame = 0; frame <= 20; frame++) {
      const t = frame / 5;
      const right = 0.1 + 0.2 * t;
      const left = 0.9 - 0.2 * t;
      const hidden = Math.abs(right - left) < 0.07;
      const seen = tracker.update(hidden ? [face(right, 0.5)] : [face(right, 0.5), face(left, 0.52)], t * 1000);
      found.push(...ids(seen));
    }
    expect(new Set(found.slice(2))).toEqual(new Set([1, 2]));
    expect(found.slice(-2)).toEqual([1, 2]);
  });

  it("keeps the id over a gap of several frames, even in motion", () => {
    const tracker = new Tracker();
    const seen: (number | null)[] = [];
    for (let frame = 0; frame < 40; frame++) {
      const detections = frame >= 15 && frame < 28 ? [] : [face(0.1 + 0.02 * frame, 0.5)];
      seen.push(...ids(tracker.update(detections, frame * 100)));
    }
    expect(new Set(seen.slice(1))).toEqual(new Set([1]));
  });

  it("gives a new id after the object was gone for longer than lostMs", () => {
    const tracker = new Tracker();
    for (let t = 0; t <= 1000; t += 200) tracker.update([face(0.5, 0.5)], t);
    for (let t = 1200; t <= 3200; t += 200) tracker.update([], t);
    tracker.update([face(0.5, 0.5)], 3400);
    expect(ids(tracker.update([face(0.5, 0.5)], 3600))).toEqual([2]);
  });

  it.each([1, 2, 3])("follows a walk at %i frames a second, where boxes no longer overlap", (fps) => {
    const tracker = new Tracker();
    const seen: (number | null)[] = [];
    for (let frame = 0; frame < 3 * fps; frame++) {
      // 3 box widths a second.
      seen.push(...ids(tracker.update([face(0.1 + (0.24 * frame) / fps, 0.5), face(0.5, 0.1)], (frame * 1000) / fps)));
    }
    expect(seen.slice(2)).toEqual(seen.slice(2).map((_, index) => (index % 2) + 1));
  });

  it("follows who passes close by, two widths a frame at 5 frames a second, beside one who stands", () => {
    const tracker = new Tracker();
    const seen: (number | null)[][] = [];
    for (let frame = 0; frame < 6; frame++) seen.push(ids(tracker.update([face(0.1 + 0.16 * frame, 0.75), face(0.5, 0.4)], frame * 200)));
    expect(seen.slice(1)).toEqual(Array.from({ length: 5 }, () => [1, 2]));
  });

  it("works at a frame in ten seconds", () => {
    const tracker = new Tracker();
    tracker.update([face(0.5, 0.5)], 0);
    for (let t = 10_000; t < 60_000; t += 10_000) expect(ids(tracker.update([face(0.5, 0.5)], t))).toEqual([1]);
  });

  it("does not take a far or a much larger face for the same", () => {
    const tracker = new Tracker();
    tracker.update([face(0.2, 0.2)], 0);
    tracker.update([face(0.2, 0.2)], 200);
    expect(ids(tracker.update([face(0.8, 0.8)], 400))).toEqual([null]);
    expect(ids(tracker.update([face(0.2, 0.2, { size: 0.3 })], 600))).toEqual([null]);
  });

  it("lets weak detections continue a track but not begin one", () => {
    const tracker = new Tracker();
    tracker.update([face(0.5, 0.5)], 0);
    tracker.update([face(0.5, 0.5)], 200);
    expect(ids(tracker.update([face(0.5, 0.5, { score: 0.2 }), face(0.1, 0.1, { score: 0.2 })], 400))).toEqual([1, null]);
    expect(ids(tracker.update([face(0.1, 0.1, { score: 0.2 })], 600))).toEqual([null]);
  });

  it("keeps who stands still when time goes back, and goes on from there", () => {
    const tracker = new Tracker();
    for (let t = 0; t <= 10_000; t += 200) tracker.update([face(0.5, 0.5), face(0.05 + t / 12_000, 0.9)], t);
    const looped = tracker.update([face(0.5, 0.5), face(0.05, 0.9)], 0);
    expect(ids(looped)).toEqual([1, null]);
    expect(ids(tracker.update([face(0.5, 0.5), face(0.06, 0.9)], 200))).toEqual([1, 3]);
  });

  it("starts afresh after a long outage", () => {
    const tracker = new Tracker();
    for (let t = 0; t <= 1000; t += 200) tracker.update([face(0.5, 0.5)], t);
    tracker.update([face(0.5, 0.5)], 61_000);
    expect(ids(tracker.update([face(0.5, 0.5)], 61_200))).toEqual([2]);
  });

  it("keeps a crowd of two hundred apart", () => {
    const tracker = new Tracker();
    const crowd = (frame: number) =>
      Array.from({ length: 200 }, (_, i) =>
        face(0.03 + 0.048 * (i % 20) + 0.002 * frame, 0.05 + 0.09 * Math.floor(i / 20), { size: 0.03 }),
      );
    tracker.update(crowd(0), 0);
    const first = ids(tracker.update(crowd(1), 200));
    for (let frame = 2; frame < 12; frame++) expect(ids(tracker.update(crowd(frame), frame * 200))).toEqual(first);
  });
});
