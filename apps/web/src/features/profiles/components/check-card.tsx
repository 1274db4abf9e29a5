import { z } from "zod";
import { Card } from "@/components/ui/controls";
import type { Profile } from "./figures";

/** What a build says of a model that was trained with quantisation. */
const checkSchema = z.object({
  quantizers: z.number(),
  dequantizers: z.number(),
  findings: z.record(z.string(), z.number()),
});

const severities: Readonly<Record<string, string>> = {
  refused: "break rules, so that TensorRT refuses the model",
  wrong: "break rules, so that TensorRT computes something else",
  slow: "break rules, so that TensorRT is slower than need be",
};

/** What a worker found in a model that was trained elsewhere. */
export function CheckCard({ profile: { options, summary } }: { profile: Profile }) {
  const { data } = checkSchema.safeParse(summary);
  if (!data) return null;
  const broken = Object.entries(data.findings);
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">What came</h2>
      <p className="mt-1 text-sm">
        A model trained with quantisation, with {data.quantizers} QuantizeLinear and {data.dequantizers} DequantizeLinear nodes. It runs.
      </p>
      {options.target === "tensorrt" ? (
        <ul className="mt-2 grid gap-1 text-sm">
          {broken.length === 0 && <li className="text-ok">It keeps TensorRT's rules.</li>}
          {broken.map(([severity, count]) => (
            <li key={severity} className={severity === "slow" ? "text-warn" : "text-bad"}>
              {count} {severities[severity] ?? severity}
            </li>
          ))}
        </ul>
      ) : (
        <p className="mt-1 text-xs text-muted">For ONNX Runtime there are no rules beyond that.</p>
      )}
    </Card>
  );
}
