#!/usr/bin/env node
// Holds the shape of the tree: which room may import which, and which files a feature may have.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { root } from "./lib/root.mjs";

/** Imports run downward only (docs/architecture.md). A room may always import itself. */
const allowed = {
  "packages/shared": [],
  "packages/onnx": ["@octet/shared"],
  "packages/quantize": ["@octet/onnx", "@octet/shared"],
  "packages/vision": ["@octet/shared"],
  "packages/media": ["@octet/shared"],
  "packages/inference": ["@octet/shared", "@octet/onnx"],
  "packages/pipeline": ["@octet/shared", "@octet/media", "@octet/vision", "@octet/inference"],
  "packages/precision": [
    "@octet/shared",
    "@octet/onnx",
    "@octet/quantize",
    "@octet/vision",
    "@octet/inference",
    "@octet/media",
    "@octet/pipeline",
  ],
  "packages/demo": ["@octet/shared", "@octet/media"],
  "packages/testing": ["@octet/shared", "@octet/onnx", "@octet/db", "@octet/demo"],
  prisma: ["@octet/shared"],
  "apps/web": ["@octet/shared", "@octet/db"],
  "apps/worker": [
    "@octet/shared",
    "@octet/onnx",
    "@octet/pipeline",
    "@octet/media",
    "@octet/vision",
    "@octet/inference",
    "@octet/precision",
    "@octet/quantize",
  ],
  "apps/cli": [
    "@octet/shared",
    "@octet/media",
    "@octet/vision",
    "@octet/inference",
    "@octet/pipeline",
    "@octet/onnx",
    "@octet/quantize",
    "@octet/precision",
  ],
};
/** The live path of a worker knows nothing of how models are made: its jobs alone do, each in a process of its own. */
const jobsOnly = new Set(["@octet/precision", "@octet/quantize"]);
/** Tests may use the testing room, and whatever they hold together. */
const isTest = (file) => /\.test\.tsx?$|\/src\/testing\//.test(file);
/** Only these files of the web app may touch the database. */
const mayUseDatabase = [
  /^apps\/web\/src\/features\/[^/]+\/(data|mutations)\.ts$/,
  /^apps\/web\/src\/server\/(boot|jobs|placement|artifacts)\//,
  /^apps\/web\/src\/server\/(runtime|auth|context|trpc)\.ts$/,
];
const featureFiles = new Set(["router.ts", "data.ts", "mutations.ts", "schema.ts", "components"]);
/** Pure helpers that a feature owns are named here, so that a new one is a decision and not an accident. */
const featureExtras = { cameras: ["seal.ts", "mask.ts", "csv.ts"] };
/** A feature of the browser alone. */
const clientOnlyFeatures = new Set(["live"]);

const problems = [];

function* sources(folder) {
  for (const name of readdirSync(path.join(root, folder)).sort()) {
    if (["node_modules", ".next", "generated", "migrations", "results"].includes(name)) continue;
    const file = `${folder}/${name}`;
    if (statSync(path.join(root, file)).isDirectory()) yield* sources(file);
    else if (/\.(ts|tsx|mts)$/.test(name)) yield file;
  }
}

function importsOf(file) {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)["']([^"']+)["']/g)].map((match) => match[1]);
}

for (const [room, may] of Object.entries(allowed)) {
  try {
    statSync(path.join(root, room));
  } catch {
    continue;
  }
  for (const file of sources(room)) {
    for (const target of importsOf(file)) {
      if (isTest(file)) continue;
      const scope = target.match(/^(@octet\/[^/]+)/)?.[1];
      if (scope && !may.includes(scope))
        problems.push(`${file} imports ${target}: ${room} may import ${may.join(", ") || "no other room"}`);
      if (room === "apps/worker" && jobsOnly.has(scope) && !file.startsWith("apps/worker/src/jobs/"))
        problems.push(`${file} imports ${target}: of a worker only src/jobs may`);
      if (target === "onnxruntime-node" && file !== "packages/inference/src/ort.ts")
        problems.push(`${file} imports ${target}: by @octet/inference/ort, which keeps it from reporting home`);
      if (target.startsWith(".")) {
        const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(file), target));
        if (!resolved.startsWith(`${room}/`)) problems.push(`${file} reaches into another room by ${target}: import its package`);
      }
      if (
        room === "apps/web" &&
        (scope === "@octet/db" || target === "@prisma/client") &&
        !mayUseDatabase.some((pattern) => pattern.test(file))
      )
        problems.push(`${file} imports the database: only a feature's data.ts and mutations.ts, and the server's own rooms, may`);
    }
  }
}

const features = path.join(root, "apps/web/src/features");
for (const feature of readdirSync(features)) {
  if (clientOnlyFeatures.has(feature)) continue;
  for (const name of readdirSync(path.join(features, feature))) {
    if (!featureFiles.has(name) && !isTest(name) && !(featureExtras[feature] ?? []).includes(name))
      problems.push(
        `apps/web/src/features/${feature}/${name}: a feature holds ${[...featureFiles].join(", ")} (and what scripts/check-structure.mjs names)`,
      );
  }
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(
  problems.length === 0 ? "structure: imports run downward, features keep to their files\n" : `structure: ${problems.length} problems\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
