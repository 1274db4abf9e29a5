import type { StageWeights } from "./staged-progress.ts";

/** What each piece of work does in order, with each part's share of the time, roughly. */
export const buildStages: StageWeights = [
  ["checking", 1],
  ["observing ranges", 10],
  ["converting", 10],
  ["calibrating", 30],
  ["detecting", 6],
  ["choosing the method", 6],
  ["measuring kernels", 8],
  ["refining", 20],
  ["measuring sensitivity", 15],
  ["quieting", 3],
  ["searching", 5],
  ["refining again", 10],
];
export const validationStages: StageWeights = [
  ["reading labels", 1],
  ["running the reference", 40],
  ["running the model", 40],
  ["comparing", 3],
  ["resampling", 8],
];
export const benchmarkStages: StageWeights = [
  ["warming up", 5],
  ["measuring", 40],
  ["streams", 50],
  ["soak", 15],
];
