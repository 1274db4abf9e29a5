import { describe, expect, it } from "vitest";
import { auditText } from "./audit-entry.ts";

const names = {
  profile: (id: string) => ({ a: "Faces INT8", b: "Faces FP16" })[id],
  camera: (id: string) => (id === "c1" ? "Lobby" : undefined),
};

describe("auditText", () => {
  it("tells an override with its reason and what the gate had found", () => {
    const detail = { name: "Faces INT8", scope: "camera", scopeValue: "c1", reason: "A trial for a week", findings: ["Not benchmarked"] };
    expect(auditText({ action: "profile.promote-override", subject: "a", detail }, names)).toEqual({
      text: "promoted Faces INT8 for Lobby against the gate",
      facts: [],
      reason: "A trial for a week",
      findings: ["Not benchmarked"],
      overrides: true,
    });
  });

  it("names what a roll-back went back to, and tells a shadow's end from it", () => {
    const detail = { scope: "tag", scopeValue: "indoor", to: "b" };
    expect(auditText({ action: "profile.roll-back", subject: "a", detail }, names)).toMatchObject({
      text: "rolled Faces INT8 back on tag indoor",
      facts: ["to Faces FP16"],
    });
    expect(auditText({ action: "profile.roll-back", subject: "a", detail: { ...detail, role: "shadow", to: null } }, names).text).toBe(
      "ended the shadow of Faces INT8 on tag indoor",
    );
  });

  it("shows what of the gate was changed", () => {
    const before = { minKeptPercent: 95, maxDropPoints: 1, maxLatencyRatio: 1 };
    const { facts } = auditText({ action: "gate.set", subject: "site", detail: { ...before, maxDropPoints: 0.5, before } }, names);
    expect(facts).toEqual(["kept at least 95 % of FP32's AP", "lost at most 1 → 0.5 points of AP", "latency at most 1 times as long"]);
  });

  it("says what is asked for that was not, and what is asked no more", () => {
    const before = { minStreams: null, minSoakSeconds: 600, maxGrowthMiBPerHour: null };
    const detail = { minStreams: 70, minSoakSeconds: null, maxGrowthMiBPerHour: null, before };
    expect(auditText({ action: "gate.set", subject: "site", detail }, names).facts).toEqual([
      "streams at least not asked → 70 on the benchmark's host",
      "soak at least 600 → not asked",
    ]);
  });

  it("keeps the name of a profile that is gone, and shows an action that it does not know", () => {
    expect(auditText({ action: "profile.reject", subject: "x", detail: { name: "Old" } }, names).text).toBe("rejected Old");
    expect(auditText({ action: "site.moved", subject: "site", detail: 7 }, names).text).toBe("site.moved site");
  });
});
