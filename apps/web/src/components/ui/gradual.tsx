"use client";
import { type Dispatch, type ReactNode, type SetStateAction, useEffect, useRef, useState } from "react";

/**
 * A long list of which what is on screen, and a little more, is drawn: more as one scrolls to its end. Thousands of rows with live
 * figures take a browser seconds to draw, and nobody reads them.
 * @param step so many are added at a time
 */
export function useGradual<Item>(items: readonly Item[], step: number): { drawn: readonly Item[]; end: ReactNode } {
  const [count, setCount] = useState(step);
  const more = count < items.length;
  return { drawn: items.slice(0, count), end: more && <End key={count} step={step} setCount={setCount} /> };
}

/** Made anew with each step: an observer tells of a change, and the end may still be on screen. */
function End({ step, setCount }: { step: number; setCount: Dispatch<SetStateAction<number>> }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setCount((count) => count + step), {
      rootMargin: "800px",
    });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, [step, setCount]);
  return <div ref={ref} />;
}
