import type { Job } from "@octet/shared/domain/job";
import { duration } from "../output/progress.ts";
import { table } from "../output/table.ts";
import { instant } from "../output/units.ts";
import type { JobDetail } from "../server/jobs.ts";

/** "done", "running 40 %", "failed INFERENCE_FAILED". */
const stateText = ({ state, percent, stage, error }: Job): string =>
  state === "running" ? `running ${Math.floor(percent)} % ${stage}` : error ? `${state} ${error.code}` : state;

const took = ({ startedAt, endedAt }: Job): string =>
  startedAt && endedAt ? duration((endedAt.getTime() - startedAt.getTime()) / 1000) : "";

export function jobsTable(jobs: readonly Job[]): string {
  return table(
    jobs,
    [
      { title: "ID", of: ({ id }) => id },
      { title: "QUEUED", of: ({ createdAt }) => instant(createdAt) },
      { title: "STATE", of: stateText },
      { title: "TOOK", of: took, align: "right" },
      { title: "WORKER", of: ({ workerId }) => workerId ?? "" },
      { title: "WHAT", of: ({ title }) => title },
    ],
    "No jobs.",
  );
}

export function jobText(job: JobDetail): string {
  const { id, kind, title, attempt, workerId, onWorkerId, createdBy, createdAt, error, inputHash, log } = job;
  const lines = [
    title,
    `${kind}, ${stateText(job)}${took(job) ? `, took ${took(job)}` : ""}`,
    `id ${id}, attempt ${attempt}${workerId ? `, worker ${workerId}` : onWorkerId ? `, for worker ${onWorkerId}` : ""}${createdBy ? `, by ${createdBy}` : ""}`,
    `queued ${createdAt.toISOString()}, inputs ${inputHash}`,
  ];
  if (error) lines.push(`${error.code}: ${error.message}${error.hint ? `\n${error.hint}` : ""}`);
  if (log.lines.length > 0) lines.push("", ...log.lines.map(({ at, text }) => `${at.toISOString().slice(11, 19)} ${text}`));
  return lines.join("\n");
}
