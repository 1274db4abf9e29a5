import { writeFileSync } from "node:fs";
import path from "node:path";
import { createDatabase } from "@octet/db/client";
import { EmbeddedPostgres } from "@octet/db/embedded/embedded-postgres";
import { applyMigrations } from "@octet/db/migrate/migrations";
import { recommendedUvThreads } from "@octet/media/uv-threads";
import { Child } from "./child.ts";
import { DemoSite } from "./demo-site.ts";
import { FirstStart } from "./first-start.ts";
import { claimHome } from "./running.ts";
import { keptToken, readSettings } from "./settings.ts";

/** Cameras that one worker may run here without its libuv pool running out of threads. */
const CAMERAS_A_WORKER = 100;

export interface StartTools {
  say(text: string): void;
  buildWeb(report: (text: string) => void): Promise<boolean>;
}

/** Everything after the dependencies: database, build, demo, web, worker; then waits to be ended. */
export async function start({ say, buildWeb }: StartTools): Promise<void> {
  const settings = await readSettings();
  const { home, port } = settings;
  const release = claimHome(home, port);
  const url = `http://localhost:${port}`;
  /** In the order of their start; ended in reverse. */
  const running: { name: string; stop(): Promise<void> }[] = [];

  let ending: Promise<void> | null = null;
  const end = (): Promise<void> => {
    ending ??= (async () => {
      for (const { stop } of running.reverse()) await stop().catch((error: Error) => say(error.message));
      release();
    })();
    return ending;
  };
  const endAndExit = (): void => {
    if (ending) return;
    say("ending: worker, web, demo cameras, database …");
    void end().then(() => {
      say("Octet has ended");
      process.exit(0);
    });
  };
  process.on("SIGINT", endAndExit);
  process.on("SIGTERM", endAndExit);
  process.on("SIGHUP", endAndExit);

  try {
    const demo = settings.demo ? new DemoSite(home, say) : null;
    // The build needs both cores least where the database starts and the demo clips are made.
    const building = buildWeb((text) => say(`4/6 ${text} …`));
    building.catch(() => {});
    let databaseUrl = settings.databaseUrl;
    let postgres: EmbeddedPostgres | null = null;
    if (databaseUrl) say("3/6 using the database of DATABASE_URL");
    else {
      postgres = await startPostgres(home);
      databaseUrl = postgres.url;
      running.push({ name: "database", stop: () => postgres?.stop() ?? Promise.resolve() });
    }
    const applied = await applyMigrations(databaseUrl);
    say(
      `3/6 PostgreSQL is ready${postgres ? ` on port ${postgres.port}` : ""}${applied.length > 0 ? `, ${applied.length} migration${applied.length > 1 ? "s" : ""} applied` : ""}`,
    );
    if (postgres)
      keepRunning(
        postgres,
        home,
        say,
        () => ending !== null,
        (next) => {
          postgres = next;
        },
      );

    const first = FirstStart.of(settings, await hasNobody(databaseUrl));
    if (demo && (first || demo.exists())) {
      await demo.start();
      running.push({ name: "demo", stop: () => demo.stop() });
      say("5/6 demo cameras are on the air");
    }
    if (await building) say("4/6 the web app is built");

    const workerToken = keptToken(home, "worker.token");
    const cliToken = keptToken(home, "cli.token");
    const common = { OCTET_HOME: home, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
    const web = new Child({
      name: "web",
      script: "apps/web/server.ts",
      home,
      say,
      env: {
        ...common,
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        HOST: settings.host,
        OCTET_WORKER_TOKEN: workerToken,
        OCTET_CLI_TOKEN: cliToken,
        ...(first?.password ? { OCTET_ADMIN_EMAIL: first.email, OCTET_ADMIN_PASSWORD: first.password } : {}),
      },
    });
    running.push({ name: "web", stop: () => web.stop() });
    const worker = new Child({
      name: "worker",
      script: "apps/worker/src/main.ts",
      home,
      say,
      env: {
        ...common,
        OCTET_URL: `http://127.0.0.1:${port}`,
        OCTET_WORKER_TOKEN: workerToken,
        // GPUs are counted as nvidia-smi does.
        CUDA_DEVICE_ORDER: process.env["CUDA_DEVICE_ORDER"] ?? "PCI_BUS_ID",
        UV_THREADPOOL_SIZE: String(recommendedUvThreads(CAMERAS_A_WORKER)),
      },
    });
    running.push({ name: "worker", stop: () => worker.stop() });
    await Promise.all([web.start(), worker.start()]);
    say("6/6 web, gateway and one worker are running");

    writeFileSync(path.join(home, "cli.json"), `${JSON.stringify({ url, token: cliToken })}\n`, { mode: 0o600 });
    if (demo?.running) await demo.register({ url, token: cliToken, create: first !== null });
    process.stdout.write(`\nOctet is ready at ${url}\n`);
    if (first) process.stdout.write(`  ${first.signIn}\n`);
    process.stdout.write("  Ctrl-C ends everything.\n\n");
    first?.done();
  } catch (error) {
    // Ended on purpose while starting: not a failure.
    if (ending) return;
    await end();
    throw error;
  }
}

function startPostgres(home: string): Promise<EmbeddedPostgres> {
  return EmbeddedPostgres.start({ home: path.join(home, "postgres") });
}

/** A database that dies is started again, on the same port: web and worker find it and lose nothing. */
function keepRunning(
  postgres: EmbeddedPostgres,
  home: string,
  say: (text: string) => void,
  isEnding: () => boolean,
  onNext: (next: EmbeddedPostgres) => void,
): void {
  void postgres.ended.then(async () => {
    if (isEnding()) return;
    say("the database ended; starting it again");
    for (let wait = 500; !isEnding(); wait = Math.min(10_000, wait * 2)) {
      try {
        const next = await startPostgres(home);
        onNext(next);
        keepRunning(next, home, say, isEnding, onNext);
        say("the database is back");
        return;
      } catch (error) {
        say(`the database does not start: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  });
}

async function hasNobody(databaseUrl: string): Promise<boolean> {
  const db = createDatabase(databaseUrl, { connections: 1 });
  try {
    return (await db.user.count()) === 0;
  } finally {
    await db.$disconnect();
  }
}
