import { defineConfig } from "@playwright/test";

/** One Octet for all specs, started by the same command that a person uses (see global-setup.ts). */
export default defineConfig({
  testDir: "specs",
  outputDir: "../test-results",
  globalSetup: "./global-setup.ts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  reporter: [["list"], ["json"]],
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      ...(process.env["OCTET_CHROMIUM"] ? { executablePath: process.env["OCTET_CHROMIUM"] } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
