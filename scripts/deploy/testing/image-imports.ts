import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { root } from "../../lib/root.mjs";
import type { ModuleTree } from "../image-modules.ts";

const builtin = new Set(builtinModules);
const { join, dirname, normalize } = path.posix;

export interface ImageFiles {
  /** Files and folders that were copied, relative to the root. */
  copied: readonly string[];
  modules: ModuleTree;
}

/** What programs name that their image does not hold: files outside of what was copied, packages outside of node_modules. */
export function missingImports(entries: readonly string[], { copied, modules }: ImageFiles): string[] {
  const missing: string[] = [];
  const seen = new Set<string>();
  const packages = new Set([...modules.packages, ...modules.links]);
  const queue = [...entries];
  const isCopied = (file: string): boolean => copied.some((entry) => file === entry || file.startsWith(`${entry}/`));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (!isCopied(file)) missing.push(`${file} is not copied`);
    // Made while the image is built.
    if (file.includes("/generated/")) continue;
    if (!existsSync(path.join(root, file))) missing.push(`${file} does not exist`);
    else if (/\.(ts|tsx|mjs|mts)$/.test(file))
      for (const target of importsOf(readFileSync(path.join(root, file), "utf8"))) {
        if (target.startsWith("node:") || builtin.has(target)) continue;
        if (target.startsWith(".")) queue.push(normalize(join(dirname(file), target)));
        else if (target.startsWith("@octet/")) {
          const found = workspaceFile(target);
          if (!packages.has(packageFolder(target)) || !found) missing.push(`${file}: ${target}`);
          else queue.push(found);
        } else if (!reachable(packages, file, packageName(target))) missing.push(`${file}: ${target}`);
      }
  }
  return missing;
}

/** Imports that are left when types are gone, and the scripts of threads and processes. */
function importsOf(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  const imports = [
    ...code.matchAll(/^\s*(?:import|export)\s+(?!type\b)(?:[\w*{][^;"']*?\s+from\s+)?["']([^"']+)["']/gm),
    ...code.matchAll(/\bimport\(\s*["']([^"']+)["']/g),
    ...code.matchAll(/new URL\(\s*["'](\.[^"']+\.(?:ts|mjs))["'],\s*import\.meta\.url/g),
  ];
  return imports.map((match) => match[1] ?? "");
}

const packageName = (target: string): string =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
const packageFolder = (target: string): string => `node_modules/${packageName(target)}`;

/** As Node looks for it: in the nearest node_modules on the way up. */
function reachable(packages: ReadonlySet<string>, from: string, name: string): boolean {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    if (packages.has(folder === "." ? `node_modules/${name}` : `${folder}/node_modules/${name}`)) return true;
    if (folder === ".") return false;
  }
}

const folders = new Map<string, string>();
function workspaceFile(target: string): string | null {
  if (folders.size === 0) {
    const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { link?: boolean; resolved?: string }>;
    };
    for (const [key, { link, resolved }] of Object.entries(lock.packages))
      if (link && resolved) folders.set(key.slice("node_modules/".length), resolved);
  }
  const folder = folders.get(packageName(target));
  const rest = target.slice(packageName(target).length + 1);
  return folder ? `${folder}/src/${rest}.ts` : null;
}
