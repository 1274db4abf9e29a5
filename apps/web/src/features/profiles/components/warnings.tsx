import { Notice } from "@/components/ui/notice";

const SHOWN = 3;

/** What a person must know of a profile; where there is much of it, the rest is folded. */
export function Warnings({ texts }: { texts: readonly string[] }) {
  const distinct = [...new Set(texts)];
  const folded = distinct.slice(SHOWN);
  return (
    <div className="grid gap-2 not-empty:mb-4">
      {distinct.slice(0, SHOWN).map((text) => (
        <Notice key={text}>{text}</Notice>
      ))}
      {folded.length > 0 && (
        <details className="rounded-md border border-line text-sm">
          <summary className="cursor-pointer px-3 py-2 text-muted">{folded.length} more warnings</summary>
          <ul className="grid max-h-96 gap-1.5 overflow-y-auto border-t border-line p-3 text-xs [overflow-wrap:anywhere]">
            {folded.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
