import { Check, FileCheck, X } from "lucide-react";
import { Card } from "@/components/ui/controls";
import type { Profile } from "./figures";

/** What the gate found, check by check. */
export function GateCard({ profile }: { profile: Profile }) {
  const { gate, precision } = profile;
  return (
    <Card className="p-5">
      <h2 className="font-medium">
        Gate:{" "}
        {precision === "fp32" ? (
          "the reference needs no proof"
        ) : gate.passed ? (
          <span className="text-ok">passed</span>
        ) : (
          <span className="text-bad">not passed</span>
        )}
      </h2>
      <ul className="mt-3 grid gap-2 text-sm">
        {gate.findings.map(({ passed, message }) => (
          <li key={message} className="flex items-start gap-2">
            {passed ? (
              <Check className="mt-0.5 size-4 shrink-0 text-ok" aria-label="passed" />
            ) : (
              <X className="mt-0.5 size-4 shrink-0 text-bad" aria-label="not passed" />
            )}
            <span>{message}</span>
          </li>
        ))}
      </ul>
      <a
        href={`/api/profiles/${profile.id}/acceptance`}
        target="_blank"
        rel="noreferrer"
        className="mt-4 inline-flex items-center gap-1.5 text-sm text-accent underline-offset-2 hover:underline"
      >
        <FileCheck className="size-4" aria-hidden /> Acceptance report
      </a>
    </Card>
  );
}
