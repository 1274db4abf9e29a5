import { existsSync } from "node:fs";
import path from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { GatewayMetrics } from "../apps/web/src/server/gateway/metrics.ts";
import { cameraStates } from "../packages/shared/src/domain/camera.ts";
import { STAGE_BUCKETS } from "../packages/shared/src/protocol/worker-protocol.ts";
import { type Json, read, yamlFile } from "./deploy/testing/deployment.ts";
import { root } from "./lib/root.mjs";

describe("Monitoring", () => {
  const stages = ["decode", "queue", "preprocess", "infer", "postprocess", "publish", "total"];
  const dashboard = JSON.parse(read("docker/grafana/octet.json")) as Json;
  const alerts = yamlFile("docker/prometheus/alerts.yml").groups.flatMap(({ rules }: Json) => rules) as Json[];
  const expressions = [...dashboard.panels.flatMap(({ targets }: Json) => targets), ...alerts].map(({ expr }: Json) =>
    String(expr).replaceAll("$__rate_interval", "1m"),
  );

  /** The names and label values that /metrics has, from /metrics itself. */
  async function exposed(): Promise<{ names: Set<string>; labels: Set<string> }> {
    const metrics = new GatewayMetrics();
    const counts = Array.from({ length: STAGE_BUCKETS.length + 1 }, () => 1);
    metrics.add("worker", {
      totals: { framesDecoded: 1, framesInferred: 1, framesDropped: 1, detections: 1 },
      stages: stages.map((stage) => ({ stage, counts, sum: 1 })),
    } as unknown as Parameters<GatewayMetrics["add"]>[1]);
    metrics.countStored({ stored: 1, repeated: 1, refused: 1 });
    const text = await metrics.text(
      Object.fromEntries(cameraStates.map((state) => [state, 1])) as Parameters<GatewayMetrics["text"]>[0],
      1,
    );
    const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
    return {
      names: new Set(lines.map((line) => line.split(/[{ ]/)[0] ?? "")),
      labels: new Set(lines.flatMap((line) => [...line.matchAll(/(\w+="[^"]*")/g)].map(([, label]) => label ?? ""))),
    };
  }

  it("asks only for metrics and labels that the web app exposes, in PromQL that parses", async () => {
    const { names, labels } = await exposed();
    // Prometheus' own: whether the scrape worked, and by which job.
    names.add("up");
    labels.add('job="octet"');
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
    expect(alerts.find(({ alert }) => alert === "OctetBudgetBroken").expr).toMatch(/0\.99.*stage="total".*> 0\.2$/);
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
