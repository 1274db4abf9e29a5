"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button, Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { DistributionPlot } from "./distribution-plot";
import type { Histogram } from "./report";

export interface BrowsedTensor {
  name: string;
  /** Behind its name in the list. */
  figure: string;
  /** null where no histogram was kept. */
  distribution: { before: Histogram; after: Histogram; range: { min: number; max: number } | null } | null;
  facts: readonly [name: string, value: string][];
}

/** One tensor's distribution at a time: pick it, or go through them. */
export function TensorBrowser({
  what,
  tensors,
  legend,
  children,
}: {
  what: string;
  tensors: readonly BrowsedTensor[];
  legend: { before: string; after: string };
  children?: ReactNode;
}) {
  const [at, setAt] = useState(0);
  const [logarithmic, setLogarithmic] = useState(true);
  const tensor = tensors[at];
  if (!tensor) return <p className="text-sm text-muted">There are none in this report.</p>;
  return (
    <div className="grid grid-cols-1 gap-3">
      {children}
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <Field label={what}>
            <Select value={at} onChange={(event) => setAt(Number(event.target.value))}>
              {tensors.map(({ name, figure }, index) => (
                <option key={name} value={index}>
                  {name} ({figure})
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <div className="flex gap-1 pt-[1.375rem]">
          <Button className="px-2" aria-label={`${what} before`} disabled={at === 0} onClick={() => setAt(at - 1)}>
            <ChevronLeft className="size-4" aria-hidden />
          </Button>
          <Button className="px-2" aria-label={`${what} after`} disabled={at === tensors.length - 1} onClick={() => setAt(at + 1)}>
            <ChevronRight className="size-4" aria-hidden />
          </Button>
        </div>
      </div>
      {tensor.distribution ? (
        <DistributionPlot name={tensor.name} {...tensor.distribution} logarithmic={logarithmic} />
      ) : (
        <p className="rounded-md bg-raised p-4 text-center text-sm text-muted">
          No histogram was kept of it: this way of finding ranges looks at extremes only.
        </p>
      )}
      {tensor.distribution && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
          <span className="flex items-center gap-1.5">
            <span className="h-2.5 w-4 rounded-sm bg-[#2f86d6]/55" /> {legend.before}
          </span>
          <span className="flex items-center gap-1.5">
            <span className="h-0.5 w-4 bg-[#c1861a]" /> {legend.after}
          </span>
          {tensor.distribution.range && (
            <span className="flex items-center gap-1.5">
              <span className="h-2.5 w-4 rounded-sm border-x border-dashed border-accent bg-accent/12" /> chosen range
            </span>
          )}
          <label className="ml-auto flex items-center gap-1.5">
            <input type="checkbox" checked={logarithmic} onChange={(event) => setLogarithmic(event.target.checked)} /> logarithmic
          </label>
        </div>
      )}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 text-xs sm:grid-cols-3">
        {tensor.facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-muted">{name}</dt>
            <dd className="font-mono">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
