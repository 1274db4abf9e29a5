import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const wholeProcesses = ["e2e/system/*.integration.test.ts", "apps/worker/src/jobs/jobs.integration.test.ts"];
/** Tests of what is arithmetic, messages and pages: they share a process, since most of their time would go to importing the same again. */
const light = ["packages/{shared,onnx,quantize,vision,pipeline,media}/**", "apps/web/**", "scripts/**", "docker/**"];
const unitTests = ["**/*.test.ts", "**/*.test.tsx"];
const noUnitTests = ["**/*.integration.test.ts", "**/*.slow.test.ts"];
const shared = { pool: "forks" as const, exclude: ["**/node_modules/**", "**/.next/**", "e2e/specs/**"] };

export default defineConfig({
  test: {
    // By default one core of two would be left idle.
    maxWorkers: availableParallelism(),
    projects: [
      {
        resolve: { alias: { "@/": `${new URL("apps/web/src/", import.meta.url).pathname}` } },
        test: {
          ...shared,
          name: "light",
          include: light.flatMap((folder) => unitTests.map((name) => folder.replace(/\*\*$/, name))),
          exclude: [...shared.exclude, ...noUnitTests],
          isolate: false,
          testTimeout: 90_000,
        },
      },
      {
        resolve: { alias: { "@/": `${new URL("apps/web/src/", import.meta.url).pathname}` } },
        test: {
          ...shared,
          name: "unit",
          include: unitTests,
          exclude: [...shared.exclude, ...noUnitTests, ...light],
          testTimeout: 90_000,
        },
      },
      {
        resolve: { alias: { "@/": `${new URL("apps/web/src/", import.meta.url).pathname}` } },
        test: {
          ...shared,
          name: "integration",
          include: ["**/*.integration.test.ts"],
          exclude: [...shared.exclude, ...wholeProcesses],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias: { "@/": `${new URL("apps/web/src/", import.meta.url).pathname}` } },
        test: {
          ...shared,
          name: "system",
          include: wholeProcesses,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Minutes, which a change of the jobs or of the CLI is worth: `npm test -- slow`.
        test: {
          ...shared,
          name: "slow",
          include: ["**/*.slow.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
