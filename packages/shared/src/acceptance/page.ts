import { apName } from "../domain/ap-name.ts";
import { decodedClip } from "../domain/decoded-clip.ts";
import { speedupText } from "../domain/speedup-text.ts";
import { weightBitsText } from "../domain/weight-bits.ts";
import type { AcceptanceFacts } from "./facts.ts";
import { bytes, facts, figure, Html, html, moment, table } from "./html.ts";
import { dropPlot, memoryPlot, streamsPlot } from "./plots.ts";
import { style } from "./style.ts";

const precisionName = { fp32: "FP32", fp16: "FP16", "int8-ptq": "INT8 (PTQ)", "int8-qat": "INT8 (QAT)" } as const;

/**
 * The acceptance report of a profile as one HTML page that loads nothing. What was not measured is said to be missing; no
 * figure is made up. Every name is escaped.
 */
export function renderAcceptance(report: AcceptanceFacts): string {
  const { profile, model } = report;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Acceptance of ${profile.name}</title>
<style>${css}</style>
</head>
<body>
<main>
<header>
<h1>Acceptance of ${profile.name}</h1>
<p class="quiet">${precisionName[profile.precision]} of ${model.name} (${model.family}, ${model.inputWidth} × ${model.inputHeight}) · ${moment(report.createdAt)}</p>
</header>
${verdict(report)}
<section><h2>Accuracy</h2>${accuracy(report)}</section>
<section><h2>Latency and throughput</h2>${speed(report)}</section>
<section><h2>Streams and dropped frames</h2>${streams(report)}</section>
<section><h2>Memory over time</h2>${memory(report)}</section>
<section><h2>On live cameras</h2>${live(report)}</section>
<section><h2>What it was made of</h2>${origin(report)}</section>
<section><h2>Decisions</h2>${decisions(report)}</section>
<footer class="quiet"><p>${report.tool}, from ${report.source}</p></footer>
</main>
</body>
</html>
`.text;
}

const css = new Html(style);

const missing = (what: string): Html => html`<p class="bad">${what}</p>`;

function verdict({ gate, profile }: AcceptanceFacts): Html {
  const rejected = profile.state === "rejected";
  const passed = gate.passed && !rejected;
  const failed = gate.findings.filter((finding) => !finding.passed).length;
  const says = rejected
    ? `Rejected: ${profile.reason ?? "no reason was given"}`
    : gate.passed
      ? "The gate lets it pass"
      : `The gate stops it: ${failed} of ${gate.findings.length} checks failed`;
  return html`<p class="verdict ${passed ? "good" : "bad"}">${says}</p><ul class="checks">${gate.findings.map(
    ({ passed: held, message }) => html`<li><b class="${held ? "good" : "bad"}">${held ? "Passed" : "Failed"}</b>${message}</li>`,
  )}</ul>`;
}

function accuracy({ validation, gate, profile }: AcceptanceFacts): Html {
  if (!validation)
    return profile.precision === "fp32" ? html`<p>FP32 is what others are held against.</p>` : missing("It was not validated.");
  const { result, dataset, at, leaks } = validation;
  const { subject, reference, drop } = result;
  const where = dataset ? `${dataset.name} version ${dataset.version}` : "a data set that was removed since";
  const rows = [
    ...Object.keys(subject.ap).map((name) => [apName(name), reference.ap[name], subject.ap[name], drop[name]?.points] as const),
    ["Precision", reference.precision, subject.precision, undefined] as const,
    ["Recall", reference.recall, subject.recall, undefined] as const,
    ["Misses", reference.missRate, subject.missRate, undefined] as const,
    ["False positives", reference.falsePositiveRate, subject.falsePositiveRate, undefined] as const,
  ];
  return html`<p>${subject.images} images with ${subject.faces} objects of ${where}, ${moment(at)}${result.pseudoLabels ? html`. <strong>Pseudo-labels</strong>: the FP32 model's own detections served as labels, so this says how far the two agree, not how right they are` : null}. Rates at score ${figure(subject.threshold, 2)}.</p>${table(
    "Percent",
    ["", "FP32", "This profile", "Lost"],
    rows.map(([name, before, after, lost]) => [name, figure(before, 2), figure(after, 2), lost === undefined ? "" : figure(lost, 2)]),
  )}${dropPlot(drop, gate.limits.maxDropPoints)}<p class="quiet">Points lost against FP32; the interval is a 95 % bootstrap over images.</p>${leakage(leaks)}`;
}

function leakage(leaks: string[] | null): Html {
  if (leaks === null) return html`<p class="quiet">Whether calibration and validation images overlap cannot be told.</p>`;
  if (leaks.length === 0) return html`<p>No image of the validation set is in the calibration set or looks like one of it.</p>`;
  const named = leaks.slice(0, 10).join(", ");
  return html`<p class="bad">${leaks.length} images of the validation set are in the calibration set too, or look like one of it: ${named}${leaks.length > 10 ? ", …" : ""}</p>`;
}

function speed({ benchmark }: AcceptanceFacts): Html {
  if (!benchmark) return missing("It was not benchmarked.");
  const { result, at, comparedWith } = benchmark;
  const { host, provider, threads, batches, reference, peakMemoryBytes, peakGpuMemoryBytes, powerWatts, utilisationPercent } = result;
  return html`<p>On ${host.hostname} (${host.gpu ?? host.cpu}, ${host.cores} cores), ${provider}, ${threads} thread${threads === 1 ? "" : "s"}, ${moment(at)}.</p>${table(
    "Milliseconds of one run",
    ["Batch", "p50", "p95", "p99", "Images a second"],
    batches.map(({ batch, latencyMs: { p50, p95, p99 }, imagesPerSecond }) => [
      String(batch),
      figure(p50, 2),
      figure(p95, 2),
      figure(p99, 2),
      figure(imagesPerSecond, 1),
    ]),
  )}${facts([
    ["Against", reference ? `${speedupText(reference)} ${comparedWith ?? "the reference"}, in turns` : "nothing"],
    ["Peak memory", bytes(peakMemoryBytes)],
    ["Peak GPU memory", peakGpuMemoryBytes === null ? "the host cannot tell" : bytes(peakGpuMemoryBytes)],
    ["Power", powerWatts === null ? "the host cannot tell" : figure(powerWatts, 0, "W")],
    ["GPU in use", utilisationPercent === null ? "the host cannot tell" : figure(utilisationPercent, 0, "%")],
  ])}`;
}

function streams({ benchmark, gate: { limits } }: AcceptanceFacts): Html {
  const load = benchmark?.result.streams;
  if (!load) return missing("Streams were not measured.");
  const { held, asked, fps, budgetMs, decode, clip, steps } = load;
  return html`<p><strong class="${held >= asked ? "good" : "bad"}">${held} of ${asked} streams</strong> hold ${figure(fps, 1)} detections a second with p99 within ${figure(budgetMs, 0, "ms")}, ${decode ? `decoding included${clip ? ` (${decodedClip(clip)})` : ""}` : "decoding not included"}.${limits.minStreams === null ? " The gate asks for no number of streams." : ""}</p>${streamsPlot(load)}${table(
    "Milliseconds from frame to boxes",
    ["Streams", "p50", "p95", "p99", "Dropped"],
    steps
      .toSorted((a, b) => a.streams - b.streams)
      .map(({ streams: count, p50, p95, p99, droppedPercent }) => [
        String(count),
        figure(p50, 1),
        figure(p95, 1),
        figure(p99, 1),
        figure(droppedPercent, 1, "%"),
      ]),
  )}`;
}

function memory({ benchmark }: AcceptanceFacts): Html {
  const soak = benchmark?.result.streams?.soak;
  if (!soak) return missing("Memory over time was not measured: benchmark streams with a soak.");
  const { streams: count, seconds, growthBytesPerMinute, rssBytes, droppedPercent } = soak;
  const growth = growthBytesPerMinute > 0 ? `grew by ${bytes(growthBytesPerMinute)} a minute` : "did not grow";
  return html`<p>${count} streams for ${figure(seconds, 0, "s")}: resident memory ${growth} over the second half, from ${bytes(rssBytes[0] ?? null)} to ${bytes(rssBytes.at(-1) ?? null)} in all; ${figure(droppedPercent, 1)} % of the frames were dropped.${seconds < 600 ? " A short soak says little of slow leaks." : ""}</p>${memoryPlot(soak)}`;
}

function live({ live: cameras, shadow }: AcceptanceFacts): Html {
  const shadowed = shadow
    ? html`<p>In the shadow from ${moment(shadow.startedAt)}${shadow.endedAt ? ` to ${moment(shadow.endedAt)}` : ""}, on ${figure(100 * shadow.share, 0)} % of the frames:</p>${facts(
        [
          ["Frames", `${shadow.frames} of ${shadow.cameras} cameras`],
          ["Frames that differ", figure(100 * shadow.disagreementRate, 1, "%")],
          ["Faces that it lacks", figure(100 * shadow.missedRate, 1, "%")],
          ["Faces that it adds", figure(100 * shadow.addedRate, 1, "%")],
          ["Mean score shift", figure(shadow.meanScoreShift, 3)],
          ["Inference", `${figure(shadow.shadowMs, 1, "ms")}, active ${figure(shadow.activeMs, 1, "ms")}`],
        ],
      )}`
    : html`<p class="quiet">It never ran in the shadow.</p>`;
  if (cameras === null) return html`${shadowed}<p class="quiet">There is no server to ask what runs now.</p>`;
  if (cameras.length === 0) return html`${shadowed}<p class="quiet">No camera runs on it now.</p>`;
  return html`${shadowed}${table(
    "Cameras that run on it now, over the last minute; ms from frame arrival to boxes",
    ["Camera", "Worker", "Detections a second", "p50", "p99", "Dropped since it started"],
    cameras.map(({ camera, worker, detectFps, wantedFps, totalMs, inferred, dropped }) => [
      camera,
      worker ?? "–",
      `${figure(detectFps, 1)} of ${figure(wantedFps, 1)}`,
      figure(totalMs?.p50, 0),
      figure(totalMs?.p99, 0),
      figure(inferred + dropped > 0 ? (100 * dropped) / (inferred + dropped) : 0, 1, "%"),
    ]),
  )}`;
}

function origin({ profile, model, calibration, validation }: AcceptanceFacts): Html {
  const code = (hash: string | null): Html => (hash ? html`<code>${hash}</code>` : html`–`);
  const named = (set: AcceptanceFacts["calibration"]): Html =>
    set ? html`${set.name} version ${set.version}, ${set.images} images<br><code>${set.manifestSha256}</code>` : html`none`;
  return html`${facts([
    ["Model", html`${model.name}, ${bytes(model.sizeBytes)}<br>${code(model.sha256)}`],
    ["Licence", html`${model.licence.name}<br>${model.licence.note}`],
    ["File", html`${bytes(profile.sizeBytes)}<br>${code(profile.sha256)}`],
    ["Made by", profile.builtBy ?? "–"],
    ["Made", moment(profile.createdAt)],
    ["Calibrated on", named(calibration)],
    ["Validated on", named(validation?.dataset ?? null)],
    ["Asked for", settings(profile.options)],
  ])}${profile.warnings.map((warning) => html`<p class="bad">${warning}</p>`)}`;
}

function settings({ precision, target, method, refine, mixedPrecision, weightBits }: AcceptanceFacts["profile"]["options"]): string {
  if (precision !== "int8-ptq") return target;
  return [
    target,
    method ?? "best method",
    `refinement ${refine}`,
    `mixed precision ${mixedPrecision}`,
    weightBits ? weightBitsText(weightBits) : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

function decisions({ decisions: all }: AcceptanceFacts): Html {
  if (all.length === 0) return html`<p class="quiet">None yet.</p>`;
  return table(
    "Newest first",
    ["When", "Who", "What", "Why"],
    all.map(({ at, who, what, why }) => [moment(at), who, what, why ?? ""]),
  );
}
