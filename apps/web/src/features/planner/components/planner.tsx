"use client";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import { runDifference, treeDifference } from "@octet/shared/planning/differences";
import { latencyPartNames } from "@octet/shared/planning/latency";
import { memoryPartNames } from "@octet/shared/planning/memory";
import { type Plan, plan } from "@octet/shared/planning/plan";
import type { PlanInput } from "@octet/shared/planning/plan-input";
import { comparePrecisions, sweep } from "@octet/shared/planning/sweep";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button, Card } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { cn } from "@/lib/cn";
import { bytes, ms } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { emptyForm, type PlanForm, readForm, readPlan, writeForm } from "../schema";
import { DecisionTreeView } from "./decision-tree-view";
import { FigureTable } from "./figure-table";
import { FleetChoice } from "./fleet-choice";
import { LoadBars } from "./load-bars";
import { LoadPlot } from "./load-plot";
import { PartBars } from "./part-bars";
import { PlannerForm } from "./planner-form";
import { PrecisionTable } from "./precision-table";
import { PublishedRuns, RecommendationTable, recommendationTitle } from "./recommendation-table";
import { Verdict } from "./verdict";

interface Outcome {
  plan: Plan;
  compared: ReturnType<typeof comparePrecisions>;
  points: ReturnType<typeof sweep>;
}

function outcomeOf(input: PlanInput): Outcome | ErrorInfo {
  try {
    const result = plan(input);
    return {
      plan: result,
      compared: comparePrecisions(input),
      points: sweep(input, 1.25 * Math.max(result.cameras, Math.min(result.streams, 4 * result.cameras))),
    };
  } catch (error) {
    return AppError.from(error).toInfo();
  }
}

const Section = ({ title, className, children }: { title: string; className?: string; children: ReactNode }) => (
  <Card className={cn("min-w-0 p-5", className)}>
    <h2 className="mb-4 font-medium">{title}</h2>
    {children}
  </Card>
);

/** How many cameras fit, at which precision and decode size. Computed here, as one types. */
export function Planner() {
  const params = useSearchParams();
  const [form, setForm] = useState<PlanForm>(() => readForm(new URLSearchParams(params.toString())));
  const change = (patch: Partial<PlanForm>): void => setForm((before) => ({ ...before, ...patch }));
  const trpc = useTRPC();
  const { data: fleet, error } = useQuery(trpc.planner.fleet.queryOptions());
  const reading = useMemo(() => readPlan(form, fleet?.models ?? null), [form, fleet?.models]);
  const last = useRef(reading.input);
  if (reading.input) last.current = reading.input;
  // While a field cannot be read, the last plan stays, faded.
  const input = useDeferredValue(last.current);
  const outcome = useMemo(() => input && outcomeOf(input), [input]);

  useEffect(() => {
    const query = writeForm(form);
    // The address is for sharing: typing is no navigation.
    window.history.replaceState(null, "", query ? `?${query}` : window.location.pathname);
  }, [form]);

  return (
    <>
      <PageHeader title="Planner" note="How many cameras fit on a GPU, at which precision and decode size">
        <Button onClick={() => setForm(emptyForm)}>Start over</Button>
      </PageHeader>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[18rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <div className={cn("min-w-0 transition-opacity lg:col-start-2", reading.problems && "opacity-50")}>
          {!outcome && <p className="text-sm text-muted">The plan stands here once all of the form can be read.</p>}
          {outcome && ("plan" in outcome ? <Verdict plan={outcome.plan} /> : <ErrorNote error={outcome} />)}
        </div>
        <div className="min-w-0 lg:col-start-1 lg:row-span-2 lg:row-start-1">
          <PlannerForm
            form={form}
            problems={reading.problems ?? {}}
            change={change}
            models={fleet?.models ?? []}
            cameras={fleet?.cameras ?? null}
          >
            <FleetChoice form={form} change={change} fleet={fleet ?? null} error={error} />
          </PlannerForm>
        </div>
        {outcome && "plan" in outcome && (
          <div
            className={cn(
              "grid min-w-0 grid-cols-1 items-start gap-4 transition-opacity lg:col-start-2 xl:grid-cols-2",
              reading.problems && "opacity-50",
            )}
          >
            <Section title="Load of each resource">
              <LoadBars plan={outcome.plan} />
            </Section>
            <Section title="Load against the number of cameras">
              <LoadPlot plan={outcome.plan} points={outcome.points} />
            </Section>
            <div className="grid min-w-0 gap-4">
              <Section title="The three precisions">
                <PrecisionTable compared={outcome.compared} chosen={outcome.plan.input.precision} />
              </Section>
              <Section title="To compare with">
                <PublishedRuns difference={runDifference(outcome.plan)?.text ?? null} chosen={outcome.plan.input.precision} />
              </Section>
            </div>
            <Section title="Which precision: the decision tree">
              <DecisionTreeView explanation={outcome.plan.explanation} difference={treeDifference(outcome.plan, outcome.compared)} />
            </Section>
            <Section title="Memory, by what it is for">
              <PartBars
                names={memoryPartNames}
                compared={outcome.compared}
                chosen={outcome.plan.input.precision}
                of={({ memory }) => memory}
                limit={{ value: outcome.plan.loads.memory.capacity, name: "available" }}
                text={bytes}
              />
            </Section>
            <Section title="Latency, by where it goes">
              <PartBars
                names={latencyPartNames}
                compared={outcome.compared}
                chosen={outcome.plan.input.precision}
                of={({ latency }) => latency}
                limit={{ value: outcome.plan.loads.latency.capacity, name: "at most" }}
                text={ms}
              />
            </Section>
            <Section title={recommendationTitle(outcome.plan.explanation)} className="xl:col-span-2">
              <RecommendationTable applying={outcome.plan.explanation.recommendations} />
            </Section>
            <Section title="What this rests on" className="xl:col-span-2">
              <FigureTable figures={outcome.plan.figures} />
            </Section>
          </div>
        )}
      </div>
    </>
  );
}
