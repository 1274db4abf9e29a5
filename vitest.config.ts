import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Tests load ONNX Runtime directly too, which reports to Microsoft where it is not told otherwise (packages/inference/src/no-telemetry.ts).
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";

const wholeProcesses = ["e2e/system/*.integration.test.ts", "apps/worker/src/jobs/jobs.integration.test.ts"];
/** Files that take long: one of them begun last would leave a core idle. A fresh clone has no times of a run before. */
const long =
  /(jobs\/handlers\/handlers|passes\/detectors|jobs\/child-run|workspace\/workspace|detect-command|bad-int8|quantize-command|compare-models|server-commands|known-models|(rtsp|clips|no-loss)\.integration)\.test\.ts$/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** A database that all others begin as copies of. */
const globalSetup = ["packages/testing/src/postgres-template.ts"];
const shared = { pool: "forks" as const, exclude: ["**/node_modules/**", "**/.next/**", "e2e/specs/**"] };

export default defineConfig({
  test: {
    // By default one core of two would be left idle; and tests wait for threads, programs and clocks, too.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        resolve: { alias: { "@/": `${new URL("apps/web/src/", import.meta.url).pathname}` } },
        test: {
          ...shared,
          name: "unit",
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude: [...shared.exclude, "**/*.integration.test.ts", "**/*.slow.test.ts"],
          // Files share a process: else much of the time goes to importing the same again for each.
          isolate: false,
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
          globalSetup,
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
          globalSetup,
          // Each is several programs that detect, and is to keep up.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
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
          globalSetup,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
