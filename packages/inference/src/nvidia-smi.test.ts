import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { shellCommand } from "@octet/testing/shell-command";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSmiLine, querySmi, smiArguments } from "./nvidia-smi.ts";

describe("parseSmiLine", () => {
  const fields = ["index", "name", "uuid", "memoryUsedBytes", "powerWatts", "decoderPercent"] as const;

  it("reads a line by what was asked, memory in bytes", () => {
    expect(parseSmiLine("0, NVIDIA L4, GPU-5f1c, 1024, 31.52, 72", fields)).toEqual({
      index: 0,
      name: "NVIDIA L4",
      uuid: "GPU-5f1c",
      memoryUsedBytes: 2 ** 30,
      powerWatts: 31.52,
      decoderPercent: 72,
    });
  });

  it("gives null for what the driver does not tell", () => {
    expect(parseSmiLine("[N/A], [Unknown Error], , [N/A], [Not Supported], ", fields)).toEqual({
      index: null,
      name: null,
      uuid: null,
      memoryUsedBytes: null,
      powerWatts: null,
      decoderPercent: null,
    });
  });

  it("takes anything else for no line", () => {
    for (const line of ["", "No devices were found", "0, NVIDIA L4, 1"]) expect(parseSmiLine(line, fields), line).toBeNull();
    expect(parseSmiLine("", ["index"])).toBeNull();
  });
});

describe("querySmi", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-smi-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const command = (name: string, script: string): Promise<string> => shellCommand(folder, name, script);

  it("asks for the fields and reads each GPU's line", async () => {
    const script = `[ "$*" = "--query-gpu=index,power.draw --format=csv,noheader,nounits" ] && printf '0, 31.5\\n1, [N/A]\\n'`;
    expect(await querySmi(["index", "powerWatts"], await command("two", script))).toEqual([
      { index: 0, powerWatts: 31.5 },
      { index: 1, powerWatts: null },
    ]);
  });

  it("finds none without the tool, or where it fails", async () => {
    expect(await querySmi(["index"], path.join(folder, "missing"))).toEqual([]);
    expect(await querySmi(["index"], await command("fails", "echo 0; exit 9"))).toEqual([]);
  });

  it("can be told to go on", () => {
    expect(smiArguments(["name"], { loopMs: 500 })).toEqual(["--query-gpu=name", "--format=csv,noheader,nounits", "--loop-ms=500"]);
  });
});
