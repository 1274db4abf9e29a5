import { describe, expect, it } from "vitest";
import { auditKinds } from "./audit-action.ts";
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

  it.each([
    ["camera.create", { name: "Gate", url: "rtsp://u:•••@192.0.2.1/a" }, "added the camera Gate", ["rtsp://u:•••@192.0.2.1/a"]],
    ["camera.remove", { name: "Gate" }, "removed the camera Gate", []],
    [
      "camera.import",
      { added: 2, changed: 3, names: ["Gate", "Hall"] },
      "imported cameras from CSV",
      ["2 added", "3 changed", "Gate, Hall, 3 more"],
    ],
    ["worker.drain", { name: "north" }, "drained the worker north", []],
    ["worker.undrain", { name: "north" }, "let the worker north take cameras again", []],
    ["worker.forget", { name: "north" }, "had the worker north forgotten", []],
    ["person.create", { name: "Ada", email: "ada@example.com", role: "viewer" }, "added Ada (ada@example.com) as viewer", []],
    [
      "person.set-role",
      { name: "Ada", email: "ada@example.com", changes: [{ field: "role", before: "viewer", after: "admin" }] },
      "set Ada (ada@example.com): role viewer → admin",
      [],
    ],
    ["person.reset-password", { name: "Ada", email: "ada@example.com" }, "reset the password of Ada (ada@example.com)", []],
    ["person.change-password", { name: "Ada" }, "changed their own password", []],
    ["person.remove", { name: "Ada", email: "ada@example.com" }, "removed Ada (ada@example.com)", []],
    ["token.create", { name: "ci", kind: "api", role: "viewer" }, "made the API token ci", ["role viewer"]],
    ["token.revoke", { name: "north", kind: "worker", role: "operator" }, "revoked the worker token north", []],
    [
      "model.add",
      { name: "YuNet", family: "yunet", precision: "fp32", licence: "MIT" },
      "added the model YuNet",
      ["yunet", "FP32", "licence MIT"],
    ],
    ["model.update", { name: "YuNet", changes: [{ field: "name", before: "YuNet", after: "Faces" }] }, "set YuNet: name YuNet → Faces", []],
    ["dataset.remove", { name: "Lobby" }, "removed the data set Lobby", []],
  ])("tells %s", (action, detail, text, facts) => {
    expect(auditText({ action, subject: "x", detail }, names)).toMatchObject({ text, facts });
  });

  it("reads the removal of a model as older versions wrote it", () => {
    expect(auditText({ action: "model.remove", subject: "cinq", detail: { id: "1", sha256: "a" } }, names).text).toBe(
      "removed the model cinq",
    );
  });

  it("has a sentence for each action that may be written", () => {
    const actions = [...new Set(Object.values(auditKinds).flatMap((kind) => kind.actions as readonly string[]))];
    expect(actions.filter((action) => auditText({ action, subject: "x", detail: {} }, names).text.startsWith(action))).toEqual([]);
  });
});
