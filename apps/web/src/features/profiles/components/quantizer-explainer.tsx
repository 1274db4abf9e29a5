"use client";
import { dequantizeValue, quantizationError, quantizerOf, quantizeValue } from "@octet/shared/planning/quantizer";
import { useMemo, useState } from "react";
import { Card } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";

const WIDTH = 640;
const HEIGHT = 180;
const REACH = 13;
const BINS = 104;

/** Activations as convolutions make them: most near 0, a long way out to the right, a few far off. The same each time. */
function exampleValues(): number[] {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: 6000 }, (_, at) => (at % 400 === 0 ? 8 + 4.3 * random() : 1.3 + 2.1 * normal())).map((value) =>
    Math.max(-8.5, Math.min(12.3, value)),
  );
}

/** Drag a range over a tensor's values and see what its quantisation does: the document's formulas at work. */
export function QuantizerExplainer() {
  const values = useMemo(exampleValues, []);
  const [min, setMin] = useState(-8.5);
  const [max, setMax] = useState(12.3);
  const [symmetric, setSymmetric] = useState(false);
  const [value, setValue] = useState(5.7);
  const quantizer = quantizerOf(min, max, symmetric);
  const { clipped, sqnrDb, largest } = quantizationError(quantizer, values);
  const level = quantizeValue(quantizer, value);
  const back = dequantizeValue(quantizer, level);
  const bins = useMemo(() => {
    const counts = new Array<number>(BINS).fill(0);
    for (const one of values) {
      const bin = Math.floor(((one + REACH) / (2 * REACH)) * BINS);
      counts[Math.min(BINS - 1, Math.max(0, bin))]!++;
    }
    return counts;
  }, [values]);
  const x = (point: number): number => ((point + REACH) / (2 * REACH)) * WIDTH;
  const most = Math.log1p(Math.max(...bins));
  const [low, high] = [dequantizeValue(quantizer, quantizer.qmin), dequantizeValue(quantizer, quantizer.qmax)];
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">How a tensor is quantised</h2>
      <p className="mt-1 text-xs text-muted">
        An example of activations; counts are drawn on a logarithmic scale. Move the range: a wide one has coarse steps, a narrow one clips.
      </p>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="mt-4 w-full"
        role="img"
        aria-label={`Values with the range from ${low.toFixed(2)} to ${high.toFixed(2)}`}
      >
        <rect x={x(low)} width={Math.max(0, x(high) - x(low))} y={0} height={HEIGHT - 18} className="fill-accent/10" />
        {bins.map((count, at) => {
          const middle = -REACH + ((at + 0.5) / BINS) * 2 * REACH;
          const height = (Math.log1p(count) / most) * (HEIGHT - 28);

          return (
            <rect
              key={at}
              x={(at / BINS) * WIDTH}
              width={WIDTH / BINS - 1}
              y={HEIGHT - 18 - height}
              height={height}
              className={middle < low || middle > high ? "fill-bad" : "fill-accent"}
            />
          );
        })}
        {[low, high].map((edge) => (
          <line key={edge} x1={x(edge)} x2={x(edge)} y1={0} y2={HEIGHT - 18} className="stroke-ink" strokeDasharray="4 3" />
        ))}
        <line x1={x(value)} x2={x(value)} y1={0} y2={HEIGHT - 18} className="stroke-warn" strokeWidth={2} />
        {[-12, -8, -4, 0, 4, 8, 12].map((tick) => (
          <text key={tick} x={x(tick)} y={HEIGHT - 4} textAnchor="middle" className="fill-muted text-[10px] max-sm:text-[18px]">
            {tick}
          </text>
        ))}
      </svg>
      <div className="mt-3 grid gap-4 sm:grid-cols-3">
        <Field label={`Smallest value: ${min.toFixed(1)}`}>
          <input type="range" min={-12} max={0} step={0.1} value={min} onChange={(event) => setMin(Number(event.target.value))} />
        </Field>
        <Field label={`Largest value: ${max.toFixed(1)}`}>
          <input type="range" min={0.1} max={12.9} step={0.1} value={max} onChange={(event) => setMax(Number(event.target.value))} />
        </Field>
        <Field label={`A value to follow: ${value.toFixed(1)}`}>
          <input type="range" min={-12} max={12.9} step={0.1} value={value} onChange={(event) => setValue(Number(event.target.value))} />
        </Field>
      </div>
      <label className="mt-3 flex items-center gap-2 text-sm">
        <input type="checkbox" checked={symmetric} onChange={(event) => setSymmetric(event.target.checked)} /> Symmetric (zero point 0, as
        TensorRT wants it)
      </label>
      <dl className="mt-4 grid gap-x-6 gap-y-2 text-sm sm:grid-cols-2">
        <Fact
          name="Scale"
          value={
            symmetric ? `max(|min|, |max|) / 127 = ${quantizer.scale.toFixed(4)}` : `(max − min) / 255 = ${quantizer.scale.toFixed(4)}`
          }
        />
        <Fact name="Zero point" value={symmetric ? "0" : `round(−min / scale) = ${quantizer.zeroPoint}`} />
        <Fact
          name={value.toFixed(1)}
          value={`→ round(${value.toFixed(1)} / ${quantizer.scale.toFixed(4)}) + ${quantizer.zeroPoint} = ${level} → ${back.toFixed(3)}`}
        />
        <Fact
          name="Its error"
          value={`${(value - back).toFixed(4)}; at most half a step, ${(quantizer.scale / 2).toFixed(4)}, unless clipped`}
        />
        <Fact name="Clipped" value={`${(100 * clipped).toFixed(2)} % of the values`} />
        <Fact name="SQNR" value={`${sqnrDb.toFixed(1)} dB; largest error ${largest.toFixed(3)}`} />
      </dl>
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-3">
      <dt className="w-24 shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 font-mono text-xs leading-5">{value}</dd>
    </div>
  );
}
