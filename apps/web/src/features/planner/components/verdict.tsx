import { oneOf } from "@octet/shared/planning/gpu-catalogue";
import type { Plan } from "@octet/shared/planning/plan";
import { precisionFormats } from "@octet/shared/planning/precision";
import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Card } from "@/components/ui/controls";
import { cn } from "@/lib/cn";
import { count } from "@/lib/format";
import { resourceNames, shareText } from "./look";

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="text-xl font-semibold tracking-tight">{children}</dd>
    </div>
  );
}

/** The answer: whether it fits, how many would, what ends first, and how many hosts so that one may fail. */
export function Verdict({ plan }: { plan: Plan }) {
  const { fits, streams, cameras, bottleneck, input, hosts, loads } = plan;
  const Icon = fits ? CircleCheck : CircleX;
  return (
    <Card className={cn("border-l-4 p-5", fits ? "border-l-ok" : "border-l-bad")}>
      <p className="flex items-start gap-2 text-base font-semibold" role="status">
        <Icon className={cn("mt-0.5 size-5 shrink-0", fits ? "text-ok" : "text-bad")} aria-hidden />
        <span>
          {count(cameras)} {cameras === 1 ? "camera" : "cameras"}{" "}
          {fits ? (cameras === 1 ? "fits" : "fit") : cameras === 1 ? "does not fit" : "do not fit"} on {oneOf(plan.gpu)} in{" "}
          {precisionFormats[input.precision].name}
        </span>
      </p>
      <dl className="mt-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Fact label={input.others.length > 0 ? "Cameras of this mix that fit on one" : "Cameras that fit on one"}>{count(streams)}</Fact>
        <Fact label={fits ? "Ends first" : "Bottleneck"}>
          {resourceNames[bottleneck]} <span className="font-mono text-sm font-normal text-muted">{shareText(loads[bottleneck].load)}</span>
        </Fact>
        <Fact label="Hosts for all">{hosts.needed === null ? "–" : count(hosts.needed)}</Fact>
        <Fact label="Hosts, one may fail (N+1)">
          {hosts.withSpare === null ? "–" : count(hosts.withSpare)}{" "}
          {hosts.withSpare !== null && (
            <span className="block text-xs font-normal text-muted">
              {hosts.streamsEach} cameras each, {hosts.streamsEachAfterLoss} after a loss
            </span>
          )}
        </Fact>
      </dl>
      {plan.notes.length > 0 && (
        <ul className="mt-4 grid gap-1 border-t border-line pt-3 text-xs text-muted">
          {plan.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}
