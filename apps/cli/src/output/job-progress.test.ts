import type { JobProgress } from "@octet/shared/domain/job";
import { expect, it } from "vitest";
import { startJobProgress } from "./job-progress.ts";
import { Output } from "./output.ts";

class Notes extends Output {
  readonly notes: string[] = [];
  override note(text: string): void {
    this.notes.push(text);
  }
}
const at = (percent: number, stage: string, more: Partial<JobProgress> = {}): JobProgress => ({
  percent,
  stage,
  ratePerSecond: null,
  secondsLeft: null,
  ...more,
});

it("draws a bar with stage, rate and time left on a terminal, and takes it away", () => {
  const drawn: string[] = [];
  let time = 0;
  const stream = { isTTY: true, columns: 100, write: (text: string) => drawn.push(text) };
  const output = new Notes(false);
  const view = startJobProgress("Build Faces INT8", output, { stream, now: () => time });
  view.update(at(0, ""));
  time = 50;
  view.update(at(20, "calibrating"));
  view.update(at(21, "calibrating"));
  time = 500;
  view.update(at(50.7, "calibrating", { ratePerSecond: 12.53, secondsLeft: 127 }));
  view.say("a line of the log");
  view.finish();
  expect(drawn[0]).toContain("waiting for a worker");
  expect(drawn[2]).toBe("\r\u001b[KBuild Faces INT8 [############            ]  50 %  calibrating  12.5/s  about 2 min 07 s left");
  // The second one of a stage came too soon; then the line clears the bar, and so does the end.
  expect(drawn).toHaveLength(5);
  expect(drawn.at(-1)).toBe("\r\u001b[K");
  expect(output.notes).toEqual(["a line of the log"]);
});

it("writes few lines where there is no terminal: a change of stage, or much more done", () => {
  const output = new Notes(false);
  const view = startJobProgress("Collect", output, { stream: { write: () => {} } });
  for (const [percent, stage] of [
    [0, "collecting: 0 images"],
    [10, "collecting: 4 images"],
    [26, "collecting: 9 images"],
    [27, "sending"],
  ] as const)
    view.update(at(percent, stage));
  view.finish();
  expect(output.notes).toEqual(["Collect:   0 %  collecting: 0 images", "Collect:  26 %  collecting: 9 images", "Collect:  27 %  sending"]);
});
