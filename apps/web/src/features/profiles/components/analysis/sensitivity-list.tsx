"use client";
import { useState } from "react";
import { Button } from "@/components/ui/controls";
import { noiseShares } from "./distribution";
import { decibels, percentOf } from "./look";
import type { Group } from "./report";

const FIRST = 12;

/** What each group costs when it alone is quantised, the dearest first; each opens to what is in it. */
export function SensitivityList({ groups, ofDetections }: { groups: readonly Group[]; ofDetections: boolean }) {
  const [all, setAll] = useState(false);
  if (groups.length === 0) return <p className="text-sm text-muted">The sensitivity of the groups was not measured.</p>;
  const shares = noiseShares(groups);
  const ranked = groups.map((group, at) => ({ ...group, ...shares[at]! })).sort((a, b) => a.sqnrDb - b.sqnrDb);
  const loudest = ranked[0]!.power || 1;
  return (
    <div className="grid grid-cols-1 gap-3">
      <p className="text-xs text-muted">
        SQNR {ofDetections ? "of the detections" : "at the detection heads"} with one group quantised and all else in float. Noise is its
        share of what all groups add; MACs its share of the multiplications, which is what it saves.
      </p>
      <div className="text-xs">
        <p className={`${columns} px-2 text-muted`} aria-hidden>
          <span>Group</span>
          <span className="hidden sm:block" />
          <span className="text-right">SQNR</span>
          <span className="text-right">Noise</span>
          <span className="text-right">MACs</span>
        </p>
        <ol className="mt-1 grid">
          {ranked.slice(0, all ? undefined : FIRST).map(({ group, units, sqnrDb, power, share, macsShare }) => (
            <li key={group} className="border-t border-line/60">
              <details>
                <summary
                  className={`${columns} cursor-pointer list-none rounded px-2 py-1.5 hover:bg-raised [&::-webkit-details-marker]:hidden`}
                >
                  <span className="truncate font-mono" title={group}>
                    {group}
                  </span>
                  <span className="hidden h-2.5 overflow-hidden rounded-sm bg-raised sm:block" aria-hidden>
                    <span className="block h-full bg-[#df5f3c]" style={{ width: `${(100 * power) / loudest}%` }} />
                  </span>
                  <span className="text-right font-mono">{decibels(sqnrDb)}</span>
                  <span className="text-right font-mono">{percentOf(share, 1)}</span>
                  <span className="text-right font-mono text-muted">{percentOf(macsShare, 1)}</span>
                </summary>
                <p className="px-2 pb-2 font-mono break-all text-muted">{units.join(", ")}</p>
              </details>
            </li>
          ))}
        </ol>
      </div>
      {ranked.length > FIRST && (
        <Button kind="ghost" className="justify-self-start" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${ranked.length}`}
        </Button>
      )}
    </div>
  );
}

const columns =
  "grid grid-cols-[minmax(0,1fr)_4.5rem_3.5rem_3.5rem] items-center gap-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_5rem_4rem_4rem]";
