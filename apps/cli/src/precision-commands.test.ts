import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { benchmarkResultSchema } from "@octet/shared/domain/profile";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandRun, runCommand } from "./testing/command-runner.ts";

let home: string;
const octet = (...args: string[]): Promise<CommandRun> => runCommand(args, { OCTET_HOME: home });

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-precision-"));
  expect(await octet("models", "add", "default", "--name", "Faces")).toMatchObject({ code: 0, document: { known: false } });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it("measures a model's file on this host, and keeps nothing", async () => {
  const before = await octet("profile", "list");
  const measured = await octet("benchmark", "default", "--seconds", "0.2", "--threads", "1", "--against", "default");
  const { benchmark } = measured.document as { benchmark: unknown };
  expect(benchmarkResultSchema.parse(benchmark)).toMatchObject({ reference: { speedup: expect.any(Number) }, streams: null });
  expect((await octet("profile", "list")).document).toEqual(before.document);
});

it("says what is wrong, and where that needs a server", async () => {
  const failure = async (...args: string[]) => {
    const { document } = await octet(...args);
    return (document as { error: { code: string; message: string; hint?: string } }).error;
  };
  writeFileSync(path.join(home, "text.onnx"), "this is no model\n".repeat(100));
  for (const args of [
    ["profile", "promote", "Faces FP32"],
    ["profile", "shadow", "Faces FP32", "--local"],
    ["profile", "rollback"],
    ["jobs", "list"],
  ])
    expect(await failure(...args)).toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("needs a server"),
      hint: expect.stringContaining("OCTET_URL"),
    });
  expect(await failure("models", "add", path.join(home, "text.onnx"))).toMatchObject({ code: "MODEL_INVALID" });
  expect(await failure("dataset", "import", path.join(home, "none"), "--name", "x")).toMatchObject({ code: "BAD_INPUT" });
  expect(await failure("dataset", "collect", "--name", "x")).toMatchObject({ code: "BAD_INPUT", hint: expect.stringContaining("--url") });
  expect(await failure("dataset", "collect", "--name", "x", "--camera", "Door")).toMatchObject({
    message: expect.stringContaining("needs a server"),
  });
  expect(await failure("profile", "build", "Faces", "--precision", "int8-ptq")).toMatchObject({ code: "CALIBRATION_EMPTY" });
  expect(await failure("benchmark")).toMatchObject({ code: "BAD_INPUT" });
  expect(await failure("benchmark", "default", "--clip", "x.mp4")).toMatchObject({
    code: "BAD_INPUT",
    hint: expect.stringContaining("--streams"),
  });
  expect((await octet("profile", "promote", "x")).code).toBe(2);
});
