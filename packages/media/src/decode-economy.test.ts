import { describe, expect, it } from "vitest";
import { DecodeEconomy, type SkippedFrames } from "./decode-economy.ts";
import { FrameSampler } from "./frame-sampler.ts";

interface Stream {
  fps?: number;
  /** Packets from key frame to key frame. */
  gop: number;
  /** Of these packets one is referred to. */
  references?: number;
  /** Who takes the frames that are due. */
  sampler?: FrameSampler;
}

/** Plays a stream to a decoder that leaves out what it is told to. @returns what was left out after each packet, which frames came out, and which of them were taken */
function play(economy: DecodeEconomy, seconds: number, { fps = 25, gop, references = 1, sampler }: Stream, from = 0) {
  const skipped: SkippedFrames[] = [];
  const frames: number[] = [];
  const taken: number[] = [];
  for (let index = Math.round(from * fps); index < Math.round((from + seconds) * fps); index++) {
    const key = index % gop === 0;
    const ptsMs = (index * 1000) / fps;
    const leave = economy.onPacket({ ptsMs, key, streamFps: fps, nextDueMs: sampler?.nextMs ?? null });
    skipped.push(leave);
    if (!(leave === "none" || key || (leave === "noref" && index % references === 0))) continue;
    expect(economy.onFrame(ptsMs)).toBe(true);
    frames.push(ptsMs);
    if (sampler?.due(ptsMs)) taken.push(ptsMs);
  }
  return { skipped, frames, taken };
}

describe("DecodeEconomy", () => {
  it("decodes key frames alone once they are seen to come as often as frames are asked for", () => {
    const economy = new DecodeEconomy(0.5);
    const { skipped, frames } = play(economy, 20, { gop: 25 });
    expect(skipped.at(-1)).toBe("nokey");
    expect(skipped.indexOf("nokey")).toBeLessThanOrEqual(3 * 25);
    expect(frames.filter((ptsMs) => ptsMs > 5000).every((ptsMs) => ptsMs % 1000 === 0)).toBe(true);
  });

  it("leaves out what nothing refers to where twice the asked rate remains", () => {
    const { skipped, frames } = play(new DecodeEconomy(5), 10, { gop: 50, references: 2 });
    expect(new Set(skipped)).toEqual(new Set(["noref"]));
    expect(frames.length).toBeLessThan(140);
    // Of streams without such frames nothing is left out, and nothing is lost.
    expect(play(new DecodeEconomy(5), 10, { gop: 50 }).frames).toHaveLength(250);
  });

  it("decodes all where that leaves too few, and does not try again until the rate changes", () => {
    const economy = new DecodeEconomy(5);
    const { skipped } = play(economy, 10, { gop: 48, references: 4 });
    expect(skipped.slice(0, 49)).not.toContain("none");
    expect(skipped.slice(60)).not.toContain("noref");
    economy.setRate(2);
    expect(new Set(play(economy, 10, { gop: 48, references: 4 }, 10).skipped)).toEqual(new Set(["noref"]));
  });

  it("decodes all where as much is asked for as there is", () => {
    expect(new Set(play(new DecodeEconomy(25), 5, { gop: 25, references: 2 }).skipped)).toEqual(new Set(["none"]));
    expect(new DecodeEconomy(5).onPacket({ ptsMs: 0, key: true, streamFps: 0, nextDueMs: null })).toBe("none");
  });

  it("waits for a key frame before it decodes what refers to frames that were left out", () => {
    const economy = new DecodeEconomy(0.5);
    play(economy, 10, { gop: 50 });
    expect(economy.skipped).toBe("nokey");
    economy.setRate(5);
    // 10 s is a key frame's time; half a second later none is.
    expect(play(economy, 1.5, { gop: 50 }, 10.5).skipped).toEqual(Array.from({ length: 37 }, () => "nokey"));
    expect(play(economy, 1, { gop: 50 }, 12).skipped).not.toContain("nokey");
  });

  it("goes back to all frames where key frames become rarer, at the next one", () => {
    const economy = new DecodeEconomy(1);
    play(economy, 10, { gop: 25 });
    expect(economy.skipped).toBe("nokey");
    const { skipped } = play(economy, 20, { gop: 125 }, 10);
    expect(skipped.indexOf("noref")).toBe(125);
    expect(skipped.slice(125)).not.toContain("nokey");
  });

  it.each([
    [0.55, 0.5],
    [0.75, 0.6],
    [1, 0.75],
    [2, 0.95],
  ])("decodes a group no further than to the last frame that is due in it, at %d a second", (rate, most) => {
    const sampler = new FrameSampler(rate);
    const { frames, taken } = play(new DecodeEconomy(rate), 200, { gop: 50, sampler });
    expect(Math.abs(taken.length - 200 * rate)).toBeLessThanOrEqual(1);
    const gaps = taken.slice(1).map((ptsMs, index) => ptsMs - taken[index]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1.25 * (1000 / rate) + 40);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.75 * (1000 / rate) - 40);
    expect(frames.length / 5000).toBeLessThan(most);
  });

  it("decodes what is due though key frames become rarer meanwhile", () => {
    const sampler = new FrameSampler(0.75);
    const economy = new DecodeEconomy(0.75);
    play(economy, 20, { gop: 25, sampler });
    const { taken } = play(economy, 100, { gop: 250, sampler }, 20);
    // Once it is not known before the next key frame.
    expect(taken.length).toBeGreaterThanOrEqual(75 - 10 * 0.75);
  });

  it("does not take for whole what is shown before the key frame that decoding went on with", () => {
    const economy = new DecodeEconomy(0.5);
    play(economy, 10, { gop: 25 });
    economy.setRate(5);
    economy.onPacket({ ptsMs: 10_000, key: true, streamFps: 25, nextDueMs: 10_000 });
    expect([9920, 9960, 10_000, 10_040].map((ptsMs) => economy.onFrame(ptsMs))).toEqual([false, false, true, true]);
    economy.onPacket({ ptsMs: 11_000, key: true, streamFps: 25, nextDueMs: 11_000 });
    expect(economy.onFrame(10_960)).toBe(true);
  });

  it("takes a loop of a file for no interval between key frames", () => {
    const economy = new DecodeEconomy(0.5);
    for (let pass = 0; pass < 6; pass++) {
      economy.restart();
      play(economy, 1, { gop: 100 }, pass);
    }
    expect(economy.skipped).not.toBe("nokey");
  });
});

it("decodes key frames alone while packets pile up, and goes on with the next key frame after that", () => {
  const economy = new DecodeEconomy(5);
  const skipped = Array.from({ length: 100 }, (_, index) =>
    economy.onPacket({ ptsMs: index * 40, key: index % 25 === 0, streamFps: 25, nextDueMs: null, behind: index >= 30 && index < 60 }),
  );
  expect(skipped[31]).toBe("nokey");
  expect(skipped[70]).toBe("nokey");
  expect(skipped[75]).not.toBe("nokey");
});
