import { plan } from "@octet/shared/planning/plan";
import { describe, expect, it } from "vitest";
import { emptyForm, otherKinds, readForm, readPlan, withCameras, writeForm, writeOtherKinds } from "./schema.ts";

describe("the planner's form", () => {
  it("starts with the published case of 70 cameras", () => {
    const { input } = readPlan(emptyForm);
    expect(plan(input!)).toMatchObject({ fits: false, streams: 59, bottleneck: "decode" });
    expect(plan(readPlan({ ...emptyForm, decodeSize: "960×540" }).input!)).toMatchObject({ fits: true });
  });

  it("comes back from the page's address as it was", () => {
    const form = { ...emptyForm, gpu: "l4", streams: "120", decodeSize: "640x360", measuredOn: "north & south" };
    expect(writeForm(emptyForm)).toBe("");
    expect(readForm(new URLSearchParams(writeForm(form)))).toEqual(form);
    expect(readForm(new URLSearchParams("streams=7&other=1"))).toEqual({ ...emptyForm, streams: "7" });
  });

  it("says what is wrong with which field", () => {
    const problems = (patch: Partial<typeof emptyForm>) => readPlan({ ...emptyForm, ...patch }).problems;
    expect(problems({ streams: "" })).toEqual({ streams: "Give a number" });
    expect(Object.keys(problems({ streams: "1.5", resolution: "1080p", latency: "0" })!).sort()).toEqual([
      "latency",
      "resolution",
      "streams",
    ]);
    expect(problems({ detectFps: "30" })).toEqual({ detectFps: "More frames are to be detected than the camera sends" });
    expect(Object.keys(problems({ decodeSize: "3840x2160" })!)).toEqual(["decodeSize"]);
    expect(Object.keys(problems({ decodeSize: "huge" })!)).toEqual(["decodeSize"]);
    expect(Object.keys(problems({ inferenceRate: "x", decodeRate: "-1", reserve: "95" })!).sort()).toEqual([
      "decodeRate",
      "inferenceRate",
      "reserve",
    ]);
  });

  it("hands measured rates in, with where they are from", () => {
    const { input } = readPlan({ ...emptyForm, inferenceRate: "360", decodeRate: "1800", measuredOn: "north" });
    expect(plan(input!).loads).toMatchObject({
      compute: { capacity: 360, source: "measured" },
      decode: { capacity: 1800, source: "measured" },
    });
    expect(input!.fleet.inference[0]!.from).toBe("north");
  });

  it("plans further kinds of cameras, and the site's own", () => {
    const form = { ...emptyForm, others: writeOtherKinds([["20", "3840x2160", "hevc", "15", "5"]]) };
    expect(readForm(new URLSearchParams(writeForm(form)))).toEqual(form);
    const { input } = readPlan(form);
    expect(plan(input!)).toMatchObject({ cameras: 90, input: { others: [{ streams: 20, codec: "hevc" }] } });
    const half = {
      ...emptyForm,
      others: writeOtherKinds([
        ["20", "3840x2160", "hevc", "15", "5"],
        ["", "4k:,", "hevc", "15", "5"],
      ]),
    };
    expect(otherKinds(half)[1]).toEqual(["", "4k", "hevc", "15", "5"]);
    expect(readPlan(half).problems?.others).toContain("Kind 3");
    const taken = readPlan({ ...emptyForm, ...withCameras([input!.others[0]!, { ...input!.others[0]!, codec: "h264" }]) }).input!;
    expect(taken).toMatchObject({ streams: 20, codec: "hevc", fps: 15, decodeSize: null, others: [{ codec: "h264" }] });
    expect(withCameras([])).toEqual({});
  });

  it("plans a model of the site, once that is known and was counted", () => {
    const cost = { parameters: 501_776, macs: 1_078_000_000, layerElements: 16_128_000 };
    const own = { modelId: "m", id: "c0ffee", name: "Doors", input: { width: 640, height: 640 }, cost };
    const form = { ...emptyForm, gpu: "l4", model: "c0ffee" };
    expect(readPlan(form, null).problems).toEqual({ model: "Reading this site's models …" });
    expect(readPlan(form, []).problems).toEqual({ model: "This site has no such model" });
    expect(readPlan(form, [{ ...own, cost: null }]).problems).toEqual({ model: "What it computes was not counted yet" });
    expect(readPlan(emptyForm, null).problems).toBeNull();
    const measured = readPlan({ ...form, inferenceRate: "900" }, [own]).input!;
    expect(plan(measured)).toMatchObject({
      model: { id: "c0ffee", name: "Doors" },
      loads: { compute: { capacity: 900, source: "measured" } },
    });
  });

  it("plans for a host that was measured", () => {
    const host = { ...emptyForm, gpu: "this-host", streams: "4", fps: "10", inferenceRate: "30", decodeRate: "200" };
    expect(plan(readPlan({ ...host, memoryGb: "32" }).input!)).toMatchObject({ fits: true, bottleneck: "compute" });
    expect(() => plan(readPlan(host).input!)).toThrow(/measured on it/);
  });
});
