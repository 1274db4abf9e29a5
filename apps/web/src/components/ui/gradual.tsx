"use client";
import { type ReactNode, useEffect, useRef, useState } from "react";

/**
 * A long list of which what is on screen, and a little more, is drawn: more as one scrolls to its end. Thousands of rows with live
 * figures take a browser seconds to draw, and nobody reads them.
 * @param step so many are added at a time
 */
export function useGradual<Item>(items: readonly Item[], step: number): { drawn: readonly Item[]; end: ReactNode } {
  const [count, setCount] = useState(step);
  const more = count < items.length;
  return { drawn: items.slice(0, count), end: more && <End key={count} onReached={() => setCount(count + step)} /> };
}

function End({ onReached }: { onReached(): void }) {
  const ref = useRef<HTMLDivElement>(null);
  const reached = useRef(onReached);
  reached.current = onReached;
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && reached.current(), { rootMargin: "800px" });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return <div ref={ref} data-testid="more" />;
}
