import type { JobSettings } from "../jobs/job-messages.ts";
import { TEST_TOKEN } from "./artifact-server.ts";

/** One thread of each kind, on the CPU. */
export const testSettings = ({ url, home }: Pick<JobSettings, "url" | "home">): JobSettings => ({
  url,
  token: TEST_TOKEN,
  home,
  tool: "octet test",
  provider: "cpu",
  inferThreads: 1,
  mediaThreads: 1,
  decodeInPool: false,
});
