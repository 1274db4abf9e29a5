#!/usr/bin/env node
// `npm test`: sets everything up, then runs every suite. Its last line is `N passed, N failed` over all of them.
// `npm test -- NAME…` runs those suites alone; the suite `slow` (each kind of job under kills, the precision flow by the CLI, a fleet under faults) only runs so.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureChromium } from "./lib/chromium.mjs";
import { buildWeb, checkNode, generateClient, installDependencies } from "./lib/prepare.mjs";
import { root } from "./lib/root.mjs";

checkNode();
const began = Date.now();
const say = (text) => process.stdout.write(`[${((Date.now() - began) / 1000).toFixed(0)}s] ${text}\n`);
const scratch = mkdtempSync(path.join(os.tmpdir(), "octet-test-"));
const only = new Set(process.argv.slice(2));
let passed = 0;
let failed = 0;
let skipped = 0;

function execute(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, FORCE_COLOR: "0", ...env },
    });
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 1));
  });
}

const bin = (name) => path.join(root, "node_modules", name);

/** A suite that is one check: it passes or fails as a whole. */
async function check(name, args, env) {
  if (only.size > 0 && !only.has(name)) return;
  say(`— ${name}`);
  const code = await execute(args, env);
  if (code === 0) passed++;
  else failed++;
  say(`${name}: ${code === 0 ? "passed" : `FAILED (exit ${code})`}`);
}

/** A suite with tests of its own, counted from its JSON report. */
async function suite(name, args, report, count, env) {
  if (only.size > 0 && !only.has(name)) return;
  say(`— ${name}`);
  const code = await execute(args, env);
  const result = existsSync(report) ? count(JSON.parse(readFileSync(report, "utf8"))) : { passed: 0, failed: 1, skipped: 0 };
  // A runner that fails without a failing test (a file that cannot be loaded, say) has failed all the same.
  if (code !== 0 && result.failed === 0) result.failed = 1;
  passed += result.passed;
  failed += result.failed;
  skipped += result.skipped;
  say(`${name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
}

const countVitest = (report) => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests,
  skipped: report.numPendingTests + (report.numTodoTests ?? 0),
});
const countPlaywright = ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped });

const vitest = async (name, env) => {
  const report = path.join(scratch, `${name}.json`);
  await suite(
    name,
    [bin("vitest/vitest.mjs"), "run", "--project", name, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    report,
    countVitest,
    { UV_THREADPOOL_SIZE: "64", ...env },
  );
};

try {
  await installDependencies(say);
  await generateClient(say);
  // The checks and the first tests need none of it, and the build leaves a core idle.
  const built = buildWeb(say);
  built.catch(() => {});
  const wanted = ["integration", "e2e"].some((name) => only.size === 0 || only.has(name));
  const browser = wanted ? ensureChromium(say) : null;
  browser?.catch(() => {});
  await check("lint", [bin("@biomejs/biome/bin/biome"), "lint", "--error-on-warnings", "."]);
  await check("structure", ["scripts/check-structure.mjs"]);
  await check("types", [bin("typescript/bin/tsc"), "--noEmit", "-p", "tsconfig.json"]);
  await vitest("unit");
  await built;
  await check("types-web", [bin("typescript/bin/tsc"), "--noEmit", "-p", "apps/web/tsconfig.json"]);
  // For the Vulkan that it brings: WebGPU is skipped without.
  const chromium = await browser?.catch(() => null);
  await vitest("integration", chromium ? { OCTET_CHROMIUM: chromium } : {});
  await vitest("system");
  if (only.has("slow")) await vitest("slow");
  if (only.size === 0 || only.has("e2e")) {
    const report = path.join(scratch, "e2e.json");
    await suite("e2e", [bin("@playwright/test/cli.js"), "test", "--config", "e2e/playwright.config.ts"], report, countPlaywright, {
      OCTET_CHROMIUM: await browser,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    });
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  failed++;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
say(`${skipped} skipped (see the notices above)`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
