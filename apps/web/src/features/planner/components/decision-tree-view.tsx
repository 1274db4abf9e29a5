import { decisionTree } from "@octet/shared/planning/decision-tree";
import type { Plan } from "@octet/shared/planning/plan";
import { cn } from "@/lib/cn";

const nodeText = (id: string): string => {
  const node = decisionTree.find((candidate) => candidate.id === id)!;
  return node.kind === "advice" ? node.text : `↓ ${node.text}`;
};

/** Every question of the tree with its branches; those that were taken stand out, those that were not asked fade. @param difference why the plan says otherwise */
export function DecisionTreeView({
  explanation: { steps, advice },
  difference,
}: {
  explanation: Plan["explanation"];
  difference: string | null;
}) {
  return (
    <ol className="grid gap-3">
      {decisionTree.map((node) => {
        if (node.kind === "advice") return null;
        const step = steps.find(({ question }) => question === node.id);
        return (
          <li key={node.id} className={cn("rounded-md border p-3", step ? "border-accent/60" : "border-line opacity-60")}>
            <p className="text-sm font-medium">
              {node.text}
              {!step && <span className="ml-2 text-xs font-normal text-muted">not asked</span>}
            </p>
            <ul className="mt-2 grid gap-1.5">
              {node.branches.map(({ label, next }) => {
                const taken = step?.branch === label;
                return (
                  <li
                    key={label}
                    aria-current={taken ? "step" : undefined}
                    className={cn(
                      "grid grid-cols-[7rem_1fr] gap-2 rounded px-2 py-1 text-xs",
                      taken ? "bg-accent font-medium text-accent-ink" : "bg-raised text-muted",
                    )}
                  >
                    <span>{label}</span>
                    <span>{nodeText(next)}</span>
                  </li>
                );
              })}
            </ul>
          </li>
        );
      })}
      <li className="rounded-md border-2 border-accent p-3 text-sm">
        <p className="font-semibold">{advice.text}</p>
        {difference && <p className="mt-1.5 text-xs">{difference}</p>}
      </li>
    </ol>
  );
}
