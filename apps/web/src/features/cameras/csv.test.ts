import type { Camera } from "@octet/shared/domain/camera";
import { anywhere } from "@octet/shared/domain/placement";
import { describe, expect, it } from "vitest";
import { camerasFromCsv, camerasToCsv } from "./csv.ts";

const newCamera = (fields: Partial<Camera> = {}): Camera => ({
  id: "019aa0e1-0000-7000-8000-000000000001",
  name: "Gate",
  url: "rtsp://192.0.2.1/a",
  substreamUrl: null,
  addressLost: false,
  transport: "tcp",
  detectFps: 5,
  confidence: 0.5,
  tags: [],
  classes: [],
  placement: anywhere,
  priority: "normal",
  stillFps: null,
  latencyBudgetMs: null,
  enabled: true,
  workerId: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...fields,
});

describe("the round trip", () => {
  it.each<Partial<Camera>>([
    {},
    { name: 'Hall, "north"\nwing', tags: ["a b", "c"], enabled: false, detectFps: 0.5, confidence: 0.35, transport: "udp" },
    { priority: "high", stillFps: 0.5, latencyBudgetMs: 80 },
    { classes: ["person", "traffic light"] },
    { classes: ["-nothing", "driver's seat"] },
    { placement: { require: ["site=north", "gpu"], prefer: ["gpu=l4"], exclude: [] } },
    { name: "=SUM(A1)", tags: ["@home"], substreamUrl: "rtsp://192.0.2.1/b?x=1,2" },
  ])("%j", (fields) => {
    const camera = newCamera(fields);
    const { cameras, problems } = camerasFromCsv(camerasToCsv([camera]));
    expect(problems).toEqual([]);
    const { id: _, workerId: __, createdAt: ___, updatedAt: ____, addressLost: _____, ...entered } = camera;
    expect(cameras[0]?.fields).toEqual(entered);
    expect(cameras[0]?.patch).toEqual(entered);
  });

  it("gives spreadsheets no formula to run", () => {
    expect(camerasToCsv([newCamera({ name: "=cmd|' /C calc'!A0" })])).toContain("'=cmd");
  });
});

it("fills in defaults for new cameras, and leaves known ones as they are where it says nothing", () => {
  const { cameras } = camerasFromCsv("\uFEFFURL, Name ,detectfps,tags\nfile:a.mp4,A,,\n");
  expect(cameras).toEqual([
    {
      line: 2,
      fields: expect.objectContaining({ name: "A", url: "file:a.mp4", detectFps: 5, transport: "tcp", enabled: true, tags: [] }),
      patch: { name: "A", url: "file:a.mp4", tags: [] },
    },
  ]);
});

it("takes an empty cell as all classes, and a table without the column as no change", () => {
  const patch = (csv: string) => camerasFromCsv(csv).cameras[0]?.patch;
  expect(patch("name,url,classes\nA,file:a.mp4, Person ; car;person\n")).toMatchObject({ classes: ["Person", "car"] });
  expect(patch("name,url,classes\nA,file:a.mp4,\n")).toEqual({ name: "A", url: "file:a.mp4", classes: [] });
  expect(patch("name,url\nA,file:a.mp4\n")).toEqual({ name: "A", url: "file:a.mp4" });
});

it("reports bad lines and keeps the others", () => {
  const { cameras, problems } = camerasFromCsv(
    "name,url,detectFps,enabled,transport\nA,ftp://x/,5,true,tcp\n\nB,rtsp://192.0.2.1/,fast,true,TCP\nC,rtsp://192.0.2.1/,5,yes,UDP\n,rtsp://192.0.2.1/\nD,rtsp://192.0.2.1/,5,perhaps,tcp\n",
  );
  expect(cameras.map(({ line, fields }) => [line, fields.name, fields.transport])).toEqual([[5, "C", "udp"]]);
  expect(problems.map(({ line, message }) => `${line} ${message.split(":")[0]}`)).toEqual(["2 url", "4 detectFps", "6 name", "7 enabled"]);
});

it("refuses what is not such a table", () => {
  expect(() => camerasFromCsv("a,b\n1,2\n")).toThrow(/no columns name and url/);
  expect(() => camerasFromCsv('name,url\n"open,rtsp://192.0.2.1/\n')).toThrow(/not a CSV table/);
  expect(() => camerasFromCsv(`name,url\n${"A,file:a.mp4\n".repeat(10_001)}`)).toThrow(/more than 10000/);
});
