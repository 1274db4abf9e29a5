import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "./site.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
let home: string;
let port: number;

beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), "octet-first-start-"));
  port = await freePort();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What it printed until it was ready or had ended. */
function start(env: Record<string, string>): Promise<{ output: string; ready: boolean; end(): Promise<unknown> }> {
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    cwd: root,
    env: { ...process.env, OCTET_HOME: home, PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const end = () => {
    child.kill("SIGTERM");
    return exited;
  };
  return new Promise((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Ctrl-C ends everything")) resolve({ output, ready: true, end });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void exited.then(() => resolve({ output, ready: false, end }));
  });
}

it("a first start that fails, and another that does not: its admin can sign in and has the demo cameras", async () => {
  const failed = await start({ OCTET_MODEL: "/nowhere/model.onnx" });
  expect(failed.ready).toBe(false);
  expect(failed.output).toContain("MODEL_NOT_FOUND");
  const { output, ready, end } = await start({});
  expect(ready, output).toBe(true);
  const [, email, password] = /Sign in with (\S+) and the password (\S+)/.exec(output) ?? [];
  const url = `http://localhost:${port}`;
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ email, password }),
  });
  expect(signIn.status, output).toBe(200);
  expect(output).toContain("4 demo cameras were added");
  await end();
  const again = await start({});
  expect(again.ready).toBe(true);
  expect(again.output).not.toMatch(/Sign in with|demo cameras were added/);
  await again.end();
});
