"use client";
import { useState } from "react";
import { activeColour, ownColour } from "./box-outlines";
import { BoxedPicture } from "./boxed-picture";
import { type Disagreement, differText, sidesOf } from "./disagreement";
import { DisagreementSheet } from "./disagreement-sheet";

const FIRST = 6;

/** The images on which FP32 and the profile differ most, side by side; each opens large. */
export function Disagreements({ disagreements }: { disagreements: readonly Disagreement[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  if (disagreements.length === 0) return null;
  return (
    <>
      <h3 className="mt-5 text-sm font-medium">Where they disagree most</h3>
      <p className="text-xs text-muted">
        Left, <Dot colour={activeColour} /> FP32; right, <Dot colour={ownColour} /> this profile. Filled: only one of the two found it.
      </p>
      <ul className="mt-3 grid gap-3 sm:grid-cols-2">
        {disagreements.slice(0, all ? undefined : FIRST).map((one, at) => (
          <li key={one.path} className="min-w-0">
            <button
              type="button"
              onClick={() => setOpen(at)}
              aria-label={`${one.path}, ${differText(one)}: show large`}
              className="grid w-full cursor-zoom-in grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line hover:border-accent"
            >
              {sidesOf(one).map(({ name, ...side }) => (
                <BoxedPicture key={name} sha256={one.sha256} alt="" {...side} />
              ))}
            </button>
            <p className="mt-1 truncate font-mono text-[0.65rem] text-muted" title={one.path}>
              {differText(one)} · {one.path}
            </p>
          </li>
        ))}
      </ul>
      {disagreements.length > FIRST && (
        <button type="button" className="mt-2 cursor-pointer text-xs text-muted underline" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${disagreements.length}`}
        </button>
      )}
      {open !== null && <DisagreementSheet disagreements={disagreements} at={open} onMove={setOpen} onClose={() => setOpen(null)} />}
    </>
  );
}

const Dot = ({ colour }: { colour: string }) => (
  <span className="inline-block size-2 rounded-full" style={{ background: colour }} aria-hidden />
);
