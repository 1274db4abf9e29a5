// Just enough of the Dockerfile format to hold the repository's own to the repository.

export interface Stage {
  name: string;
  /** An image, or the name of a stage above. */
  from: string;
  env: Record<string, string>;
  copies: { from: string | null; sources: string[]; to: string }[];
  commands: string[];
  cmd: string[];
  user: string | null;
  ports: number[];
  healthcheck: boolean;
}

/** Lines without comments, with what continues on the next line joined. */
function instructions(text: string): [string, string][] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line) && line.trim() !== "");
  const joined = lines.join("\n").replace(/\\\n\s*/g, " ");
  return joined.split("\n").map((line) => {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    return [word.toUpperCase(), rest.join(" ")];
  });
}

export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  const args: Record<string, string> = {};
  for (const [word, rest] of instructions(text)) {
    const stage = stages.at(-1);
    if (word === "ARG") args[rest.split("=")[0] ?? ""] = rest.split("=").slice(1).join("=");
    else if (word === "FROM") {
      const [image = "", , name] = rest.split(/\s+/);
      const from = image.replace(/\$\{(\w+)\}/g, (_, arg: string) => args[arg] ?? "");
      stages.push({
        name: name ?? String(stages.length),
        from,
        env: {},
        copies: [],
        commands: [],
        cmd: [],
        user: null,
        ports: [],
        healthcheck: false,
      });
    } else if (!stage) throw new Error(`${word} before FROM`);
    else if (word === "ENV") for (const [, key = "", value = ""] of rest.matchAll(/(\w+)=(\S*)/g)) stage.env[key] = value;
    else if (word === "COPY") {
      const words = rest.split(/\s+/);
      const from = words[0]?.startsWith("--from=") ? (words.shift() ?? "").slice("--from=".length) : null;
      stage.copies.push({ from, sources: words.slice(0, -1), to: words.at(-1) ?? "" });
    } else if (word === "RUN") stage.commands.push(rest);
    else if (word === "CMD") stage.cmd = JSON.parse(rest) as string[];
    else if (word === "USER") stage.user = rest;
    else if (word === "EXPOSE") stage.ports.push(Number(rest));
    else if (word === "HEALTHCHECK") stage.healthcheck = true;
  }
  return stages;
}

/** A stage with what it has from the stages that it begins with. */
export function inherited(stages: readonly Stage[], stage: Stage): Stage {
  const below = stages.find(({ name }) => name === stage.from);
  if (!below) return stage;
  const base = inherited(stages, below);
  return {
    ...stage,
    env: { ...base.env, ...stage.env },
    copies: [...base.copies, ...stage.copies],
    user: stage.user ?? base.user,
    ports: [...base.ports, ...stage.ports],
  };
}

/** Whether .dockerignore keeps `file` out of a build: the last line that fits wins. */
export function isIgnored(ignore: string, file: string): boolean {
  let ignored = false;
  for (const line of ignore.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const pattern = line
      .replace(/^!/, "")
      .replace(/[.+^$()|[\]\\]/g, "\\$&")
      .replace(/\*\*\//g, "\0")
      .replace(/\*/g, "[^/]*")
      .replaceAll("\0", "(?:.*/)?");
    if (new RegExp(`^${pattern}(?:/.*)?$`).test(file)) ignored = !line.startsWith("!");
  }
  return ignored;
}
