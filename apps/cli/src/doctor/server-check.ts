import { healthSchema } from "@octet/shared/domain/worker";
import { AppError } from "@octet/shared/errors";
import type { Env } from "../env.ts";
import { count } from "../output/units.ts";
import { findConnection } from "../server/connection.ts";
import { serverError } from "../server/server-error.ts";
import type { Check } from "./check.ts";

const TIMEOUT_MS = 5000;

/** The health of the server that the other commands would talk to, if there is one. Never throws. */
export async function checkServer(env: () => Env): Promise<Check> {
  const name = "server";
  try {
    const connection = findConnection(env());
    if (!connection) return { name, status: "absent", detail: "none is configured here" };
    const { url, from } = connection;
    let response: Response;
    try {
      response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      const { message, hint } = serverError(error, url);
      // A local server that was ended leaves its cli.json: that is no fault of this host.
      return { name, status: from === "file" ? "warn" : "fail", detail: message, ...(hint ? { hint } : {}) };
    }
    const health = healthSchema.safeParse(await response.json().catch(() => null));
    if (!health.success)
      return { name, status: "fail", detail: `${url} does not answer as Octet does (HTTP ${response.status})`, hint: "Check OCTET_URL" };
    const { status, database, gateway, workers, cameras, version } = health.data;
    return {
      name,
      status: status === "ok" ? "ok" : status === "degraded" ? "warn" : "fail",
      detail: `${url} ${version} is ${status}: database ${database}, gateway ${gateway}, ${count(workers, "worker")}, ${cameras.online} of ${cameras.total} cameras online`,
    };
  } catch (error) {
    const { message, hint } = AppError.from(error);
    return { name, status: "fail", detail: message, ...(hint ? { hint } : {}) };
  }
}
