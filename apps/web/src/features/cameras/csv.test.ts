import type { Camera } from "@octet/shared/domain/camera";
import { expect, it } from "vitest";
import { camerasFromCsv, camerasToCsv } from "./csv.ts";

const camera = (fields: Partial<Camera>): Camera => ({
  id: "0192f0c1-0000-7000-8000-000000000000",
  name: "Door",
  url: "rtsp://admin:•••@192.0.2.1/1",
  substreamUrl: null,
  transport: "tcp",
  detectFps: 5,
  confidence: 0.5,
  tags: [],
  enabled: true,
  workerId: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...fields,
});

it("reads back what it wrote", () => {
  const cameras = [
    camera({
      name: 'Hall, "north"\nupper',
      tags: ["a", "b c"],
      enabled: false,
      transport: "udp",
      detectFps: 0.5,
      substreamUrl: "rtsp://192.0.2.1/2",
    }),
    camera({ name: "Zürich" }),
  ];
  const read = camerasFromCsv(camerasToCsv(cameras));
  expect(read.problems).toEqual([]);
  const { id: _1, workerId: _2, createdAt: _3, updatedAt: _4, ...fields } = cameras[0] as Camera;
  expect(read.cameras[0]?.fields).toEqual(fields);
  expect(read.cameras[1]?.fields.name).toBe("Zürich");
});

it("keeps good lines and says what is wrong with the others, by their line", () => {
  const { cameras, problems } = camerasFromCsv(
    "name,url\nGood,rtsp://192.0.2.1/1\nBad,ftp://192.0.2.1\n,rtsp://192.0.2.1/2\nAlso good,file:street.mp4\n",
  );
  expect(cameras.map(({ fields }) => fields.name)).toEqual(["Good", "Also good"]);
  expect(problems.map(({ line }) => line)).toEqual([3, 4]);
  expect(problems[0]?.message).toMatch(/not supported/);
});

it("never writes a cell that a spreadsheet would run, and reads such names back", () => {
  const csv = camerasToCsv([camera({ name: "=HYPERLINK(1)" })]);
  expect(csv.split("\n")[1]).toMatch(/^"?'=/);
  expect(camerasFromCsv(csv).cameras[0]?.fields.name).toBe("=HYPERLINK(1)");
});

it("says what the first line must hold", () => {
  for (const text of ["a,b\n1,2\n", 'name,url\n"open']) expect(() => camerasFromCsv(text)).toThrow(/CSV|columns/);
});
