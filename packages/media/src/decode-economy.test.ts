import { describe, expect, it } from "vitest";
import { DecodeEconomy, type SkippedFrames } from "./decode-economy.ts";

interface Stream {
  fps?: number;
  /** Packets from key frame to key frame. */
  gop: number;
  /** Of these packets one is referred to. */
  references?: number;
}

/** Plays a stream to a decoder that leaves out what it is told to. @returns what was left out after each packet, and which frames came out */
function play(economy: DecodeEconomy, seconds: number, { fps = 25, gop, references = 1 }: Stream, from = 0) {
  const skipped: SkippedFrames[] = [];
  const frames: number[] = [];
  for (let index = Math.round(from * fps); index < Math.round((from + seconds) * fps); index++) {
    const key = index % gop === 0;
    const ptsMs = (index * 1000) / fps;
    const leave = economy.onPacket(ptsMs, key, fps);
    skipped.push(leave);
    if (!(leave === "none" || key || (leave === "noref" && index % references === 0))) continue;
    economy.onFrame();
    frames.push(ptsMs);
  }
  return { skipped, frames };
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
    expect(new DecodeEconomy(5).onPacket(0, true, 0)).toBe("none");
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
  const skipped = Array.from({ length: 100 }, (_, index) => economy.onPacket(index * 40, index % 25 === 0, 25, index >= 30 && index < 60));
  expect(skipped[31]).toBe("nokey");
  expect(skipped[70]).toBe("nokey");
  expect(skipped[75]).not.toBe("nokey");
});
