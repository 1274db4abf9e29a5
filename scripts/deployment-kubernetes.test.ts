// There is no Docker and no cluster where this is written: what can be held without them is held here.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, parseDocument } from "yaml";
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
import { root } from "./lib/root.mjs";

/** Fields that our manifests may use: a misspelled one is silently dropped by a cluster. */
const fields = {
  pod: "automountServiceAccountToken topologySpreadConstraints terminationGracePeriodSeconds securityContext initContainers containers volumes nodeSelector tolerations",
  container: "name image command ports env startupProbe readinessProbe livenessProbe lifecycle resources securityContext volumeMounts",
  probe: "httpGet exec periodSeconds timeoutSeconds failureThreshold",
  podSecurity: "runAsNonRoot runAsUser runAsGroup fsGroup fsGroupChangePolicy seccompProfile",
  containerSecurity: "allowPrivilegeEscalation readOnlyRootFilesystem capabilities",
  workload: "replicas strategy updateStrategy selector template serviceName podManagementPolicy volumeClaimTemplates",
};
const unknownFields = (object: Json, kind: keyof typeof fields): string[] =>
  Object.keys(object ?? {}).filter((key) => !fields[kind].split(" ").includes(key));

describe("Kubernetes", () => {
  const folder = "docker/kubernetes";
  const apiVersions: Record<string, string> = {
    Namespace: "v1",
    Secret: "v1",
    Service: "v1",
    PersistentVolumeClaim: "v1",
    Deployment: "apps/v1",
    StatefulSet: "apps/v1",
    DaemonSet: "apps/v1",
    PodDisruptionBudget: "policy/v1",
    Ingress: "networking.k8s.io/v1",
  };
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".yaml") && !file.endsWith("kustomization.yaml") && path.basename(file) !== "secret.yaml",
  );
  const objects = files.flatMap((file) =>
    parseAllDocuments(read(`${folder}/${file}`)).map((document) => {
      expect(document.errors, file).toEqual([]);
      return document.toJS() as Json;
    }),
  );
  const named = (kind: string): string[] => objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
  const workloads = objects.filter(({ spec }) => spec?.template);
  const containersOf = ({ spec }: Json): Json[] => [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];

  it("has only objects of known kinds, and the kustomizations name files that are there", () => {
    for (const { apiVersion, kind, metadata } of objects) {
      expect(apiVersion, kind).toBe(apiVersions[kind]);
      expect(metadata.name).toMatch(/^[a-z0-9-]+$/);
    }
    const listed = ["base", "trial"].flatMap((name) => {
      const { resources } = yamlFile(`${folder}/${name}/kustomization.yaml`);
      return (resources as string[]).map((resource) => path.posix.join(name, resource));
    });
    for (const resource of listed) expect(existsSync(path.join(root, folder, resource)), resource).toBe(true);
    // Examples are applied by hand, once; all else is applied.
    expect(sorted(listed.filter((file) => file !== "base"))).toEqual(sorted(files.filter((file) => !file.includes(".example."))));
  });

  it.each(workloads.map((object): [string, Json] => [object.metadata.name, object]))("%s: is sound", (_, object) => {
    const { spec } = object;
    const pod = spec.template.spec;
    expect(unknownFields(spec, "workload")).toEqual([]);
    expect(unknownFields(pod, "pod")).toEqual([]);
    expect(unknownFields(pod.securityContext, "podSecurity")).toEqual([]);
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    const volumes = [...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? []).map(({ metadata }: Json) => metadata)];
    for (const { persistentVolumeClaim } of volumes)
      if (persistentVolumeClaim) expect(named("PersistentVolumeClaim")).toContain(persistentVolumeClaim.claimName);
    for (const container of containersOf(object)) {
      expect(unknownFields(container, "container")).toEqual([]);
      expect(unknownFields(container.securityContext, "containerSecurity")).toEqual([]);
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(isPinned(container.image), container.image).toBe(true);
      if (container.image.startsWith("octet-")) expect(container.image.split(":")[1]).toBe(manifest.version);
      expect(container.resources.requests.memory).toBeDefined();
      expect(container.resources.limits.memory).toBeDefined();
      expect(volumes.map(({ name }) => name)).toEqual(expect.arrayContaining(container.volumeMounts.map(({ name }: Json) => name)));
      for (const script of (container.command ?? []).filter((word: string) => word.endsWith(".ts")))
        expect(existsSync(path.join(root, script))).toBe(true);
      expect(
        unknownNames(
          container.image,
          // But for those that only another's value is made of.
          (container.env ?? [])
            .map(({ name }: Json) => name as string)
            .filter((name: string) => !container.env.some(({ value }: Json) => value?.includes(`$(${name})`))),
        ),
      ).toEqual([]);
      for (const { name, value, valueFrom } of container.env ?? []) {
        expect(value === undefined, name).toBe(valueFrom !== undefined);
        if (value !== undefined) expect(typeof value, name).toBe("string");
        const ref = valueFrom?.secretKeyRef;
        const secret = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === ref?.name);
        if (ref) expect(Object.keys(secret?.stringData ?? {}), `Secret ${ref.name}`).toContain(ref.key);
        if (valueFrom?.resourceFieldRef) {
          expect(valueFrom.resourceFieldRef.containerName).toBe(container.name);
          expect(container.resources.limits.cpu).toBeDefined();
        }
      }
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"].flatMap((kind) => container[kind] ?? [])) {
        expect(unknownFields(probe, "probe")).toEqual([]);
        if (probe.httpGet) expect(container.ports.map(({ name }: Json) => name)).toContain(probe.httpGet.port);
      }
    }
    const ends = endOf[imageName(pod.containers[0].image)];
    const [, waits = "0"] = pod.containers[0].lifecycle?.preStop.exec.command ?? [];
    if (ends) expect((pod.terminationGracePeriodSeconds - Number(waits)) * 1000).toBeGreaterThan(ends);
  });

  it("selects pods that exist: services, budgets, the ingress", () => {
    const pods = workloads.map(({ spec }) => spec.template);
    const matches = (labels: Json): Json[] =>
      pods.filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels[key] === value));
    for (const service of objects.filter(({ kind }) => kind === "Service")) {
      const [pod] = matches(service.spec.selector);
      const ports = pod?.spec.containers.flatMap(({ ports }: Json) => ports ?? []);
      for (const { targetPort, port } of service.spec.ports)
        expect(ports, service.metadata.name).toContainEqual({ name: targetPort, containerPort: port });
    }
    const budget = objects.find(({ kind }) => kind === "PodDisruptionBudget");
    expect(matches(budget.spec.selector.matchLabels)).toHaveLength(1);
    expect(budget.spec.minAvailable).toBeUndefined();
    const ingress = objects.find(({ kind }) => kind === "Ingress");
    for (const { backend } of ingress.spec.rules.flatMap(({ http }: Json) => http.paths)) {
      const service = objects.find(({ kind, metadata }) => kind === "Service" && metadata.name === backend.service.name);
      expect(service?.spec.ports.map(({ name }: Json) => name)).toContain(backend.service.port.name);
    }
  });

  it("runs several web processes that reach each other and share their files, and one in the trial", () => {
    const { spec } = objects.find(({ kind }) => kind === "Deployment");
    expect(spec.replicas).toBeGreaterThanOrEqual(2);
    expect(spec.strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    const { env, ports } = spec.template.spec.containers[0];
    const address = env.find(({ name }: Json) => name === "OCTET_REPLICA_URL").value as string;
    const ip = env.find(({ name }: Json) => name === "POD_IP");
    expect(ip.valueFrom.fieldRef.fieldPath).toBe("status.podIP");
    // A variable is known only to those after it.
    expect(env.indexOf(ip)).toBeLessThan(env.findIndex(({ name }: Json) => name === "OCTET_REPLICA_URL"));
    expect(new URL(address.replace("$(POD_IP)", "10.0.0.1")).port).toBe(String(ports[0].containerPort));
    const claim = objects.find(({ kind, metadata }) => kind === "PersistentVolumeClaim" && metadata.name === "octet-artifacts");
    expect(claim.spec.accessModes).toEqual(["ReadWriteMany"]);
    const trial = yamlFile(`${folder}/trial/kustomization.yaml`);
    expect(trial.replicas).toEqual([{ name: "octet-web", count: 1 }]);
    expect(trial.patches.map(({ patch }: Json) => parseDocument(patch as string).toJS()[0].value)).toEqual([
      ["ReadWriteOnce"],
      { type: "Recreate" },
    ]);
  });

  it("restarts or shuts a web process for no fault of the database", () => {
    const { spec } = objects.find(({ kind }) => kind === "Deployment");
    const [web] = spec.template.spec.containers;
    expect(web.startupProbe.httpGet.path).toBe("/api/health");
    for (const { httpGet } of [web.livenessProbe, web.readinessProbe]) {
      expect(httpGet.path).toBe("/icon.svg");
      expect(existsSync(path.join(root, "apps/web/src/app", httpGet.path))).toBe(true);
    }
    expect(existsSync(path.join(root, "apps/web/src/app/api/health/route.ts"))).toBe(true);
  });

  it("asks for GPUs where GPUs are", () => {
    const { spec } = objects.find(({ kind }) => kind === "DaemonSet");
    expect(spec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]).toBe(1);
    expect(spec.template.spec.tolerations).toContainEqual({ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" });
  });

  it("has placeholders that Octet refuses, each by name", async () => {
    const values = Object.assign({}, ...objects.filter(({ kind }) => kind === "Secret").map(({ stringData }) => stringData)) as Record<
      string,
      string
    >;
    const refused = (program: "web" | "worker"): Promise<string> =>
      settingsFrom(program, { OCTET_HOME: "/data", OCTET_URL: "http://octet-web:3000", ...values }).then(
        () => "",
        (error: Error) => error.message,
      );
    const [web, worker] = [await refused("web"), await refused("worker")];
    for (const name of Object.keys(values).filter((key) => key !== "POSTGRES_PASSWORD")) expect(web).toContain(`${name}:`);
    expect(worker).toContain("OCTET_WORKER_TOKEN:");
    expect(values["POSTGRES_PASSWORD"]).toBe("");
  });
});
