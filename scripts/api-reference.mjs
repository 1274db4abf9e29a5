#!/usr/bin/env node
// `npm run api-reference`: writes the tables of docs/api.md anew, from the router itself. A test of the web app holds them to it.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { register } from "tsx/esm/api";
import { root } from "./lib/root.mjs";

register();
const { withReference } = await import("../apps/web/src/server/reference/reference.ts");
const { appRouter } = await import("../apps/web/src/server/root.ts");

const file = path.join(root, "docs/api.md");
writeFileSync(file, withReference(readFileSync(file, "utf8"), appRouter));
