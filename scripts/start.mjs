#!/usr/bin/env node
// `npm start`: makes whatever is missing, then runs Octet. Plain JavaScript without imports from npm,
// because on a fresh clone there is nothing to import yet.
import { buildWeb, checkNode, generateClient, installDependencies } from "./lib/prepare.mjs";

checkNode();
const began = Date.now();
const say = (text) => process.stdout.write(`${`[${((Date.now() - began) / 1000).toFixed(1)}s]`.padStart(8)} ${text}\n`);
// Whoever read the output may be gone (a closed terminal, `| head`): that must not cut an orderly end short.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  if (await installDependencies((text) => say(`1/6 ${text} …`))) say("1/6 dependencies are installed");
  if (await generateClient((text) => say(`2/6 ${text} …`))) say("2/6 the Prisma client is generated");
  const { register } = await import("tsx/esm/api");
  register();
  const { start } = await import("./start/main.ts");
  await start({ say, buildWeb });
} catch (error) {
  process.stderr.write(`\nOctet could not start: ${error.message}\n${error.hint ? `${error.hint}\n` : ""}`);
  process.exit(error.exitCode ?? 1);
}
