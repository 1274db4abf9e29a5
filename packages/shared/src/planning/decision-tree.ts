import type { Precision } from "./precision.ts";

/** The facts that the tree asks for. */
export interface Situation {
  /** Of the device. */
  memoryBytes: number;
  /** FP32 infers all streams in time. */
  fp32FastEnough: boolean;
  streams: number;
  /** Share of FP32's accuracy that must remain, 0–1. */
  accuracy: number;
}

export interface TreeBranch {
  label: string;
  applies(situation: Situation): boolean;
  /** The next question, or what to use. */
  next: string;
}

export interface TreeQuestion {
  kind: "question";
  id: string;
  text: string;
  branches: readonly TreeBranch[];
}

export interface TreeAdvice {
  kind: "advice";
  id: string;
  text: string;
  precision: Precision;
  lowerDecodeSize: boolean;
  /** How INT8 is to be made. */
  method: "ptq" | "qat" | null;
}

const yes = (applies: TreeBranch["applies"], next: string): TreeBranch => ({ label: "yes", applies, next });
const no = (applies: TreeBranch["applies"], next: string): TreeBranch => ({ label: "no", applies, next });

const roomy = ({ memoryBytes }: Situation): boolean => memoryBytes > 16e9;
const strict = ({ accuracy }: Situation): boolean => accuracy > 0.99;

/** Which precision, as the published comparison decides it. The first node is the root. */
export const decisionTree: readonly (TreeQuestion | TreeAdvice)[] = [
  {
    kind: "question",
    id: "memory",
    text: "More than 16 GB of GPU memory?",
    branches: [yes(roomy, "speed"), no((it) => !roomy(it), "streams")],
  },
  {
    kind: "question",
    id: "speed",
    text: "Is FP32 fast enough?",
    branches: [yes((it) => it.fp32FastEnough, "fp32"), no((it) => !it.fp32FastEnough, "streams")],
  },
  {
    kind: "question",
    id: "streams",
    text: "How many streams?",
    branches: [
      { label: "fewer than 30", applies: ({ streams }) => streams < 30, next: "fp16" },
      { label: "30–60", applies: ({ streams }) => streams >= 30 && streams <= 60, next: "fp16-lower" },
      { label: "more than 60", applies: ({ streams }) => streams > 60, next: "accuracy" },
    ],
  },
  {
    kind: "question",
    id: "accuracy",
    text: "Must more than 99 % of the accuracy remain?",
    branches: [yes(strict, "int8-qat"), no((it) => !strict(it), "int8-ptq")],
  },
  { kind: "advice", id: "fp32", text: "FP32: the most accurate", precision: "fp32", lowerDecodeSize: false, method: null },
  { kind: "advice", id: "fp16", text: "FP16: the balance", precision: "fp16", lowerDecodeSize: false, method: null },
  { kind: "advice", id: "fp16-lower", text: "FP16, and a lower decode size", precision: "fp16", lowerDecodeSize: true, method: null },
  { kind: "advice", id: "int8-qat", text: "INT8, trained for it (QAT)", precision: "int8", lowerDecodeSize: true, method: "qat" },
  { kind: "advice", id: "int8-ptq", text: "INT8, calibrated (PTQ)", precision: "int8", lowerDecodeSize: true, method: "ptq" },
];

export interface TreeStep {
  question: string;
  text: string;
  branch: string;
  next: string;
}

/** The way through the tree, and where it ends. */
export function decide(situation: Situation): { steps: TreeStep[]; advice: TreeAdvice } {
  const steps: TreeStep[] = [];
  for (let node = decisionTree[0]!; ; ) {
    if (node.kind === "advice") return { steps, advice: node };
    const branch = node.branches.find(({ applies }) => applies(situation))!;
    steps.push({ question: node.id, text: node.text, branch: branch.label, next: branch.next });
    node = decisionTree.find(({ id }) => id === branch.next)!;
  }
}
