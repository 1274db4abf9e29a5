import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim } from "./fair-shares.ts";
import { type Granted, OverloadControl } from "./overload.ts";

const claims = (count: number, asked = 5, cost = 0.01): Claim[] =>
  Array.from({ length: count }, (_, index) => ({ id: String(index), asked, floor: 0.5, priority: 0, cost }));
const quiet = { offered: 100, lost: 0 };
const rates = ({ rates }: Granted): number[] => [...rates.values()];

describe("OverloadControl", () => {
  it("lets all have what they ask for while that fits", () => {
    const granted = new OverloadControl({ target: 0.85, enter: 0.95 }).read({ claims: claims(18), ...quiet });
    expect(granted).toMatchObject({ restricted: false, demand: expect.closeTo(0.9) });
    expect(rates(granted)).toEqual(Array(18).fill(5));
  });

  it("lowers all evenly at once, to what leaves the sessions some air", () => {
    const granted = new OverloadControl({ target: 0.85, enter: 0.95 }).read({ claims: claims(40), ...quiet });
    expect(granted).toMatchObject({ restricted: true, demand: expect.closeTo(2) });
    for (const rate of rates(granted)) expect(rate).toBeCloseTo(0.85 / 40 / 0.01);
  });

  it("raises them by steps when there is room again, and does not flap at the border", () => {
    const control = new OverloadControl({ target: 0.85, enter: 0.95 });
    control.read({ claims: claims(40), ...quiet });
    let before = 2.125;
    for (let second = 0; second < 20; second++) {
      const rate = rates(control.read({ claims: claims(16), ...quiet }))[0]!;
      expect(rate).toBeLessThanOrEqual(before * 1.1 + 1e-9);
      before = rate;
    }
    expect(before).toBe(5);
    // 18 cameras ask for 0.9: that was let pass without restriction, and is restricted until they ask for less than 0.85.
    control.read({ claims: claims(40), ...quiet });
    expect(control.read({ claims: claims(18), ...quiet }).restricted).toBe(true);
    expect(control.read({ claims: claims(16), ...quiet }).restricted).toBe(false);
  });

  it("goes by lost frames where the sessions seem to suffice, and recovers", () => {
    const control = new OverloadControl({ target: 0.85, enter: 0.95 });
    let granted = control.read({ claims: claims(10), ...quiet });
    for (let second = 0; second < 30; second++)
      granted = control.read({ claims: claims(10), offered: 100, lost: rates(granted)[0]! > 2 ? 20 : 0 });
    expect(granted.restricted).toBe(true);
    expect(rates(granted)[0]).toBeLessThan(2.5);
    expect(rates(granted)[0]).toBeGreaterThan(1);
    for (let second = 0; second < 300; second++) granted = control.read({ claims: claims(10), ...quiet });
    expect(granted.restricted).toBe(false);
    expect(rates(granted)[0]).toBe(5);
  });

  it("gives away more while frames wait little, and takes it back where they wait long", () => {
    const control = new OverloadControl();
    const spent = ({ rates }: Granted): number => [...rates.values()].reduce((sum, rate) => sum + rate * 0.01, 0);
    const after = (seconds: number, waited: number | null): number => {
      let granted = control.read({ claims: claims(40), ...quiet, waited });
      for (let second = 1; second < seconds; second++) granted = control.read({ claims: claims(40), ...quiet, waited });
      return spent(granted);
    };
    expect(after(60, null)).toBeCloseTo(0.97);
    const more = after(20, 0.05);
    expect(more).toBeGreaterThan(1);
    expect(after(20, 0.14)).toBeCloseTo(more);
    expect(after(1, 0.4)).toBeLessThan(more);
    expect(after(20, 0.4)).toBeCloseTo(0.97);
    expect(after(600, 0)).toBeLessThan(0.97 * 1.2);
  });

  it("gives away no more than fits where nothing is lowered, and begins there again", () => {
    const control = new OverloadControl();
    for (let second = 0; second < 60; second++) control.read({ claims: claims(40), ...quiet, waited: 0 });
    expect(control.read({ claims: claims(10), ...quiet, waited: 0 }).restricted).toBe(false);
    const granted = control.read({ claims: claims(40), ...quiet, waited: 0 });
    for (const rate of rates(granted)) expect(rate).toBeLessThanOrEqual((0.97 * 1.01) / 40 / 0.01);
  });

  it("does not go on losing frames for what it gave away too much", () => {
    const control = new OverloadControl();
    let granted = control.read({ claims: claims(40), ...quiet, waited: 0 });
    const over: number[] = [];
    for (let second = 0; second < 1200; second++) {
      const loses = rates(granted)[0]! > 1 / 40 / 0.01;
      if (loses) over.push(second);
      granted = control.read({ claims: claims(40), offered: 100, lost: loses ? 3 : 0, waited: 0 });
    }
    expect(over.length).toBeGreaterThan(0);
    expect(over.filter((second) => second > 600).length / 600).toBeLessThan(0.3);
  });

  it("does not count against lower rates what was lost before they were", () => {
    const control = new OverloadControl();
    // What a frame costs is not known before some were run.
    for (let second = 0; second < 2; second++) control.read({ claims: claims(26, 5, 0), offered: 130, lost: 60 });
    let granted = control.read({ claims: claims(26), offered: 130, lost: 60 });
    for (let second = 0; second < 10; second++) granted = control.read({ claims: claims(26), offered: 95, lost: 0 });
    expect(granted.restricted).toBe(true);
    for (const rate of rates(granted)) expect(rate).toBeCloseTo(0.97 / 26 / 0.01);
  });

  it("does not count what is lost while cameras come, each at what it asks for", () => {
    const control = new OverloadControl();
    let granted = control.read({ claims: claims(10), ...quiet });
    // 200 frames a second are lost, until the last that came have been told of their rate, and their frames that waited are gone.
    for (let count = 20; count <= 70; count += 10) {
      granted = control.read({ claims: claims(count), offered: 400, lost: 200 });
      expect(granted.unsettled).toBe(true);
    }
    expect(control.read({ claims: claims(70), offered: 150, lost: 50 }).unsettled).toBe(true);
    granted = control.read({ claims: claims(70), ...quiet });
    expect(granted.unsettled).toBe(false);
    for (const rate of rates(granted)) expect(rate).toBeCloseTo(0.97 / 70 / 0.01);
  });

  it("counts it where a camera that comes and goes is one of many", () => {
    const control = new OverloadControl();
    control.read({ claims: claims(60), ...quiet });
    let granted = control.read({ claims: claims(60), ...quiet });
    for (let second = 0; second < 10; second++) granted = control.read({ claims: claims(60 + (second % 2)), offered: 100, lost: 20 });
    expect(rates(granted)[0]).toBeLessThan(0.8 * (0.97 / 60 / 0.01));
  });

  it("puts up with a frame now and then, but not with three in a hundred over a minute", () => {
    const losing = (every: number): number => {
      const control = new OverloadControl();
      let least = 5;
      for (let second = 0; second < 300; second++) {
        const granted = control.read({ claims: claims(8), offered: 40, lost: second % every === 0 ? 1 : 0 });
        least = Math.min(least, ...rates(granted));
      }
      return least;
    };
    expect(losing(2)).toBe(5);
    expect(losing(1)).toBeLessThan(5);
  });

  it("tries a host that cannot do more ever more rarely", () => {
    const control = new OverloadControl({ target: 0.85, enter: 0.95 });
    let granted = control.read({ claims: claims(10), ...quiet });
    const bad: number[] = [];
    for (let second = 0; second < 900; second++) {
      const over = rates(granted)[0]! > 2;
      if (over) bad.push(second);
      granted = control.read({ claims: claims(10), offered: 100, lost: over ? 20 : 0 });
    }
    const late = bad.filter((second) => second >= 450).length / 450;
    expect(bad.filter((second) => second < 60).length).toBeGreaterThan(5);
    expect(late).toBeLessThan(0.05);
  });

  it("leaves no camera out because frames are lost, as long as the floors fit", () => {
    const control = new OverloadControl();
    let granted = control.read({ claims: claims(70), ...quiet });
    for (let second = 0; second < 60; second++) granted = control.read({ claims: claims(70), offered: 100, lost: 50 });
    for (const rate of rates(granted)) expect(rate).toBeCloseTo(0.5);
  });

  it("takes a single bad second for none", () => {
    const control = new OverloadControl({ target: 0.85, enter: 0.95 });
    control.read({ claims: claims(10), ...quiet });
    control.read({ claims: claims(10), offered: 100, lost: 90 });
    expect(control.read({ claims: claims(10), ...quiet }).restricted).toBe(false);
  });

  it("does not admit a camera that comes when even the floors are taken, and closes a running one only after a while", () => {
    const control = new OverloadControl({ target: 0.85, enter: 0.95 });
    const full = claims(170);
    control.read({ claims: full, ...quiet });
    const more = [...full, { ...claims(1)[0]!, id: "new" }];
    expect(control.read({ claims: more, ...quiet }).rates.get("new")).toBe(0);
    const first = { ...claims(1)[0]!, id: "first", priority: 1 };
    const closed = (granted: Granted): number => rates(granted).filter((rate) => rate === 0).length;
    expect(closed(control.read({ claims: [...full, first], ...quiet }))).toBe(0);
    for (let second = 0; second < 8; second++) control.read({ claims: [...full, first], ...quiet });
    const granted = control.read({ claims: [...full, first], ...quiet });
    expect(granted.rates.get("first")).toBe(0.5);
    expect(closed(granted)).toBe(1);
  });

  it("never grants more than is asked for, nor more than there is", () => {
    const some = fc.array(
      fc.record({ asked: fc.double({ min: 0.5, max: 30, noNaN: true }), cost: fc.double({ min: 0.0005, max: 0.02, noNaN: true }) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(some, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 20 }), (readings) => {
        const control = new OverloadControl({ target: 0.85, enter: 0.95 });
        for (const [list, lost] of readings) {
          const all = list.map((one, index) => ({ ...one, id: String(index), floor: 0.1, priority: 0 }));
          const granted = control.read({ claims: all, offered: 100, lost: 100 * lost });
          const spent = all.reduce((sum, { id, cost }) => sum + granted.rates.get(id)! * cost, 0);
          // A running camera keeps its floor until it is let go of.
          const floors = all.reduce((sum, { cost }) => sum + 0.1 * cost, 0);
          expect(spent).toBeLessThanOrEqual(Math.max(0.95, 0.85 + floors) + 1e-9);
          for (const { id, asked } of all) expect(granted.rates.get(id)).toBeLessThanOrEqual(asked);
        }
      }),
    );
  });
});
