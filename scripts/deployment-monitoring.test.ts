import { existsSync } from "node:fs";
import path from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { GatewayMetrics } from "../apps/web/src/server/gateway/metrics.ts";
import { CameraMeters } from "../apps/worker/src/telemetry/camera-meters.ts";
import { WorkerMetrics } from "../apps/worker/src/telemetry/worker-metrics.ts";
import { alarmKinds } from "../packages/shared/src/domain/alarm.ts";
import { cameraStates } from "../packages/shared/src/domain/camera.ts";
import { STAGE_BUCKETS } from "../packages/shared/src/protocol/worker-protocol.ts";
import { newCameraStatus } from "../packages/testing/src/new-camera-status.ts";
import { newGpuLoad, newWorkerLoad } from "../packages/testing/src/new-worker.ts";
import { type Json, read, yamlFile } from "./deploy/testing/deployment.ts";
import { root } from "./lib/root.mjs";

describe("Monitoring", () => {
  const stages = ["decode", "queue", "preprocess", "infer", "postprocess", "publish", "total"];
  const dashboard = JSON.parse(read("docker/grafana/octet.json")) as Json;
  const alerts = yamlFile("docker/prometheus/alerts.yml").groups.flatMap(({ rules }: Json) => rules) as Json[];
  const expressions = [...dashboard.panels.flatMap(({ targets }: Json) => targets), ...alerts].map(({ expr }: Json) =>
    String(expr).replaceAll("$__rate_interval", "1m"),
  );
  const gpu = newGpuLoad();

  /** A worker's own /metrics, with one camera and one GPU. */
  async function workerText(): Promise<string> {
    const meters = new CameraMeters();
    const id = "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10";
    meters.assign([{ id, name: "Gate", detectFps: 5 }]);
    meters.get(id)?.stages.add({ network: 0, decode: 1, queue: 1, preprocess: 1, infer: 1, postprocess: 1, publish: 1 }, 6);
    const status = newCameraStatus({ cameraId: id });
    const load = newWorkerLoad({ gpus: [gpu] });
    const totals = { framesDecoded: 1, framesInferred: 1, framesDropped: 1, detections: 1 };
    const stagesOf = meters.get(id)?.stages.snapshot() ?? [];
    return new WorkerMetrics(meters, () => ({ statuses: [status], stages: stagesOf, totals, load, connected: true, budgetMs: 200 })).text();
  }

  /** The names and label values that /metrics of the web app and of a worker have, from /metrics itself. */
  async function exposed(): Promise<{ names: Set<string>; labels: Set<string> }> {
    const metrics = new GatewayMetrics();
    const counts = Array.from({ length: STAGE_BUCKETS.length + 1 }, () => 1);
    metrics.add("worker", {
      totals: { framesDecoded: 1, framesInferred: 1, framesDropped: 1, detections: 1 },
      stages: stages.map((stage) => ({ stage, counts, sum: 1 })),
    } as unknown as Parameters<GatewayMetrics["add"]>[1]);
    metrics.countStored({ stored: 1, repeated: 1, refused: 1 });
    metrics.setSite({
      database: true,
      alarms: Object.fromEntries(alarmKinds.map((kind) => [kind, 1])) as Record<(typeof alarmKinds)[number], number>,
    });
    metrics.setGpus([{ worker: "north", gpus: [gpu] }]);
    const web = await metrics.text(Object.fromEntries(cameraStates.map((state) => [state, 1])) as Parameters<GatewayMetrics["text"]>[0], 1);
    const lines = `${web}\n${await workerText()}`.split("\n").filter((line) => line && !line.startsWith("#"));
    return {
      names: new Set(lines.map((line) => line.split(/[{ ]/)[0] ?? "")),
      labels: new Set(lines.flatMap((line) => [...line.matchAll(/(\w+="[^"]*")/g)].map(([, label]) => label ?? ""))),
    };
  }

  it("asks only for metrics and labels that the web app and workers expose, in PromQL that parses", async () => {
    const { names, labels } = await exposed();
    // Prometheus' own: whether the scrape worked, and by which job.
    names.add("up");
    for (const { job_name } of yamlFile("docker/prometheus/prometheus.yml").scrape_configs) labels.add(`job="${job_name}"`);
    expect(expressions.length).toBeGreaterThan(20);
    for (const expression of expressions) {
      const used: string[] = [];
      parser.parse(expression).iterate({
        enter: (node) => {
          expect(node.type.isError, expression).toBe(false);
          if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector") used.push(expression.slice(node.from, node.to));
        },
      });
      expect(
        used.filter((name) => !names.has(name)),
        expression,
      ).toEqual([]);
      expect(used.length, expression).toBeGreaterThan(0);
      for (const [, name, operator, value] of expression.matchAll(/(\w+)(!?=)("[^"]*")/g))
        expect(labels, `${expression}: ${name}${operator}${value}`).toContain(`${name}=${value}`);
    }
  });

  it("has the panels and the alerts that an operator looks for", () => {
    const all = expressions.join("\n");
    for (const name of [
      "octet_cameras",
      "octet_workers",
      "octet_frames_decoded_total",
      "octet_detections_stored_total",
      "process_cpu_seconds_total",
      "octet_database_up",
      "octet_alarms",
      "octet_camera_stage_seconds_bucket",
      "octet_fleet_gpu_decoder_percent",
      "octet_worker_spool_lost_records_total",
    ])
      expect(all).toContain(name);
    for (const quantile of ["0.5", "0.95", "0.99"]) expect(all).toContain(`histogram_quantile(${quantile}, `);
    expect(new Set(dashboard.panels.map(({ id }: Json) => id)).size).toBe(dashboard.panels.length);
    for (const { alert, expr, for: wait, labels, annotations } of alerts) {
      expect(alert).toMatch(/^Octet[A-Z]\w+$/);
      expect(wait).toMatch(/^\d+m$/);
      expect(["warning", "critical"]).toContain(labels.severity);
      expect(annotations.summary && expr).toBeTruthy();
    }
    expect(alerts.find(({ alert }) => alert === "OctetBudgetBroken").expr).toMatch(
      /0\.99.*stage="total".*> scalar\(max\(octet_worker_latency_budget_seconds\) or vector\(0\.2\)\)$/,
    );
  });

  it("scrapes workers where Compose and Kubernetes have them serve", () => {
    const scraped = yamlFile("docker/prometheus/prometheus.yml").scrape_configs.find(({ job_name }: Json) => job_name === "octet-worker");
    const [{ names, port }] = scraped.dns_sd_configs;
    const { services } = yamlFile("docker/compose.yaml");
    for (const name of names)
      expect(services[name].environment).toMatchObject({ OCTET_METRICS_PORT: String(port), OCTET_METRICS_HOST: "0.0.0.0" });
    for (const file of ["worker-cpu", "worker-nvidia"]) {
      const { metadata, spec } = yamlFile(`docker/kubernetes/base/${file}.yaml`).spec.template;
      const [worker] = spec.containers;
      const env = Object.fromEntries(worker.env.map(({ name, value }: Json) => [name, value]));
      expect(env).toMatchObject({ OCTET_METRICS_PORT: String(port), OCTET_METRICS_HOST: "0.0.0.0" });
      expect(worker.ports).toEqual([{ name: "metrics", containerPort: port }]);
      expect(worker.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "metrics" });
      expect(metadata.annotations["prometheus.io/port"]).toBe(String(port));
    }
  });

  it("is provisioned by the folders that Compose mounts", () => {
    const { services } = yamlFile("docker/compose.yaml");
    const [{ options }] = yamlFile("docker/grafana/provisioning/dashboards/octet.yaml").providers;
    expect(services.grafana.volumes).toContain(`./grafana/octet.json:${options.path}/octet.json:ro`);
    expect(yamlFile("docker/grafana/provisioning/datasources/prometheus.yaml").datasources[0].url).toBe("http://prometheus:9090");
    expect(
      yamlFile("docker/prometheus/prometheus.yml").rule_files.every((file: string) =>
        existsSync(path.join(root, "docker/prometheus", file)),
      ),
    ).toBe(true);
  });
});
