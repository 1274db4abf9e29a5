import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { testdata } from "@octet/testing/testdata";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { addValidate } from "../commands/validate.ts";
import { Output } from "../output/output.ts";

/** Five people; where their faces are, as seen by eye (cx cy w h, fractions). */
const photo = path.join(path.dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo/sample5.jpg");

interface Report {
  dataset: { images: number; of: number; missing: number; warnings: unknown[]; class: string };
  wider: Record<"easy" | "medium" | "hard", { ap: number; faces: number }> | null;
  coco: { ap50: number };
  atThreshold: { threshold: number; truePositives: number; falsePositives: number; falseNegatives: number };
  atBestF1: { f1: number };
}

describe("octet validate", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-validate-"));
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs the command in this process; what it throws is the caller's. */
  async function validate(...args: string[]): Promise<{ code: number; report: Report; text: string }> {
    let text = "";
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    let code = -1;
    const json = args.includes("--json");
    const program = new Command().exitOverride().configureOutput({ outputError: () => {} });
    addValidate(program, {
      output: new Output(json),
      env: () => {
        throw new Error("it needs no environment");
      },
      action:
        (body) =>
        async (...parameters) => {
          code = await body(...parameters);
        },
    });
    await program.parseAsync(["validate", ...args], { from: "user" }).finally(() => vi.restoreAllMocks());
    return { code, report: json ? (JSON.parse(text) as Report) : (null as never), text };
  }

  const widerFolder = testdata("wider", "WIDER_val");
  it.skipIf(widerFolder === null)("gives WIDER FACE's figures on a few of its images (test data)", async () => {
    const args = ["default", "--format", "wider", "--images", widerFolder!, "--ground-truth", testdata("wider", "ground_truth")!];
    const { code, report } = await validate(...args, "--samples", "6", "--threads", "2", "--json");
    expect(code).toBe(0);
    expect(report.dataset).toMatchObject({ images: 6, of: 3226, class: "face" });
    const { easy, medium, hard } = report.wider!;
    expect(easy.faces).toBeLessThanOrEqual(medium.faces);
    expect(medium.faces).toBeLessThanOrEqual(hard.faces);
    expect(easy.ap).toBeGreaterThan(0.6);
    expect(easy.ap).toBeGreaterThanOrEqual(hard.ap);
    const { truePositives, falseNegatives } = report.atThreshold;
    expect(truePositives + falseNegatives).toBe(hard.faces);
  });

  describe("on a photo with labels", () => {
    const images = () => path.join(folder, "images");
    const labels = () => path.join(folder, "labels");
    const run = (...args: string[]) =>
      validate("default", "--format", "yolo", "--images", images(), "--ground-truth", labels(), "--threads", "1", ...args);

    beforeAll(async () => {
      await Promise.all([mkdir(images()), mkdir(labels())]);
      await copyFile(photo, path.join(images(), "five.jpg"));
      const centres = ["0.24 0.73", "0.36 0.4", "0.45 0.15", "0.61 0.21", "0.78 0.38"];
      // A sixth face, where there is none.
      await writeFile(path.join(labels(), "five.txt"), [...centres, "0.06 0.1"].map((at) => `0 ${at} 0.09 0.16`).join("\n"));
    });

    it("counts what is found and what is missed", async () => {
      const { code, report } = await run("--threshold", "0.6", "--json");
      expect(code).toBe(0);
      expect(report.wider).toBeNull();
      expect(report.dataset).toMatchObject({ images: 1, of: 1, missing: 0, warnings: [] });
      const { threshold, truePositives, falseNegatives, falsePositives } = report.atThreshold;
      expect(threshold).toBe(0.6);
      // Boxes by eye: most, not all, overlap by half.
      expect(truePositives).toBeGreaterThanOrEqual(3);
      expect(truePositives + falseNegatives).toBe(6);
      expect(truePositives + falsePositives).toBe(5);
      expect(report.coco.ap50).toBeGreaterThan(0.3);
    });

    it("says in text how much it looked at", async () => {
      const { text } = await run();
      expect(text).toContain("on yolo: 1 image of 1\n");
      expect(text).toMatch(/IoU 0\.50 +\d+\.\d\d/);
      expect(text).toMatch(/asked +0\.500/);
    });

    it("refuses a broken label with file and line, a class that is not there, and a format it does not know", async () => {
      await expect(run("--class", "car")).rejects.toMatchObject({ code: "BAD_INPUT", message: 'The data set has no class "car"' });
      await expect(run("--format", "voc2")).rejects.toMatchObject({ code: "commander.invalidArgument" });
      await writeFile(path.join(labels(), "five.txt"), "0 0.5 0.5 0.1 0.1\n0 0.5 nan 0.1 0.1\n");
      await expect(run()).rejects.toMatchObject({ code: "DATASET_INVALID", message: expect.stringContaining("five.txt, line 2") });
    });

    it("names an image that cannot be decoded", async () => {
      await writeFile(path.join(labels(), "five.txt"), "0 0.5 0.5 0.1 0.1\n");
      await writeFile(path.join(images(), "six.jpg"), "no picture");
      await expect(run()).rejects.toMatchObject({ code: "DATASET_INVALID", message: expect.stringContaining("six.jpg") });
    });
  });
});
