// What `npm start`, `npm test` and `npm run bench` need before anything else can be imported.
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fingerprint, makeIfStale } from "./freshness.mjs";
import { root } from "./root.mjs";

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `Octet needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer one and run the command again.\n`,
  );
  process.exit(2);
}

/** Runs a command with its output kept for the case that it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output = (output + chunk).slice(-20_000);
      });
    }
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0
        ? resolve(output)
        : reject(
            new Error(`${command} ${args.slice(0, 3).join(" ")} ended with ${code}:\n${output.trim().split("\n").slice(-30).join("\n")}`),
          ),
    );
  });
}

const npm = () => {
  // npm sets this for its scripts; it is the npm that the person uses.
  const cli = process.env.npm_execpath;
  return cli && /npm-cli\.js$/.test(cli) ? [process.execPath, [cli]] : [process.platform === "win32" ? "npm.cmd" : "npm", []];
};

export async function installDependencies(report) {
  const print = fingerprint(["package-lock.json", "package.json", ".npmrc"]);
  return makeIfStale("node_modules/.octet-install", print, async () => {
    report(existsSync(path.join(root, "node_modules")) ? "the lock file changed: installing dependencies" : "installing dependencies");
    const [command, args] = npm();
    await run(command, [
      ...args,
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      ...(process.platform === "linux" && process.arch === "x64" ? [] : ["--force"]),
    ]);
  });
}

export async function generateClient(report) {
  const print = fingerprint(["prisma/schema", "prisma/prisma.config.ts"], "generate-1");
  return makeIfStale("prisma/generated/.made-from", print, async () => {
    report("generating the Prisma client");
    rmSync(path.join(root, "prisma/generated"), { recursive: true, force: true });
    await run(process.execPath, ["scripts/generate.mjs"]);
  });
}

export async function buildWeb(report) {
  const print = fingerprint(
    ["apps/web", "packages/shared/src", "prisma/schema", "prisma/src", "package-lock.json", "tsconfig.base.json"],
    "build-1",
  );
  return makeIfStale("apps/web/.next/octet-made-from", print, async () => {
    report("building the web app");
    await run(process.execPath, [path.join(root, "node_modules/next/dist/bin/next"), "build", "apps/web"], {
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    });
  });
}

/** Appends to a log file below `home`. */
export function logTo(home, name) {
  const folder = path.join(home, "logs");
  mkdirSync(folder, { recursive: true });
  return (text) => appendFileSync(path.join(folder, name), text);
}
