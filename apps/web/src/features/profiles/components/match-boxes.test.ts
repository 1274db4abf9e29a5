import { expect, it } from "vitest";
import { withoutPartner } from "./match-boxes.ts";

const box = (x: number, y: number, size = 0.2) => ({ x, y, w: size, h: size, score: 0.9 });

it("finds the boxes that only one of two has", () => {
  const [same, lonely] = [box(0.1, 0.1), box(0.7, 0.7)];
  expect([...withoutPartner([same, lonely], [box(0.11, 0.1)])]).toEqual([lonely]);
  expect(withoutPartner([same], [box(0.11, 0.1), box(0.7, 0.7)]).size).toBe(0);
});

it("gives each box one partner, the best", () => {
  const [near, exact] = [box(0.12, 0.1), box(0.1, 0.1)];
  expect([...withoutPartner([near, exact], [box(0.1, 0.1)])]).toEqual([near]);
});

it("takes half an overlap for too little", () => {
  // 0.1 × 0.2 of 0.06 together: a third.
  const one = box(0, 0);
  expect([...withoutPartner([one], [box(0.1, 0)])]).toEqual([one]);
  expect([...withoutPartner([one], [])]).toEqual([one]);
});
