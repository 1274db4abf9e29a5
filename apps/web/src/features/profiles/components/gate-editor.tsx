"use client";
import { judgeByGate } from "@octet/shared/domain/gate";
import { type GateLimit, gateLimits } from "@octet/shared/domain/gate-limits";
import { type Gate, gateSchema } from "@octet/shared/domain/profile";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Card, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { Profile } from "./figures";
import { useRank } from "./use-rank";
import { useRefresh } from "./use-refresh";

/** What a profile must show before it may be promoted: for admins to change, for others to read. */
export function GateEditor({ profiles }: { profiles: readonly Profile[] }) {
  const trpc = useTRPC();
  const gate = useQuery(trpc.profiles.gate.queryOptions());
  const { administers } = useRank();
  if (gate.error) return <ErrorNote error={errorInfo(gate.error)} />;
  if (!gate.data) return null;
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">The gate</h2>
      <p className="mt-1 text-xs text-muted">
        What a profile must show before it may be promoted, on the whole site. What was not measured does not pass; FP32 needs no proof.
      </p>
      {administers ? (
        <GateForm key={JSON.stringify(gate.data)} gate={gate.data} profiles={profiles} />
      ) : (
        <dl className="mt-4 grid gap-4 sm:grid-cols-3">
          {gateLimits.map(({ key, label, unit, help }) => (
            <div key={key}>
              <dt className="text-xs text-muted">{label}</dt>
              <dd className="font-mono text-sm">{gate.data[key] === null ? "not asked" : `${gate.data[key]} ${unit}`}</dd>
              <dd className="text-xs text-muted">{help}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

function GateForm({ gate, profiles }: { gate: Gate; profiles: readonly Profile[] }) {
  const trpc = useTRPC();
  const save = useMutation(trpc.profiles.setGate.mutationOptions({ ...useRefresh(), meta: { inline: true } }));
  const [texts, setTexts] = useState<Record<keyof Gate, string>>(() => textsOf(gate));
  const draft = gateSchema.safeParse(
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text.trim() === "" ? null : Number(text)])),
  );
  const changed = draft.success && gateLimits.some(({ key }) => draft.data[key] !== gate[key]);
  const problems = draft.success ? {} : Object.fromEntries(draft.error.issues.map(({ path }) => [String(path[0]), "A number in range"]));
  const input = ({ key, label, unit, help, step, max, optional }: GateLimit) => (
    <Field key={key} label={`${label}, ${unit}`} help={help} error={problems[key]}>
      <Input
        type="number"
        min={step >= 1 ? 1 : 0}
        step={step}
        {...(max === undefined ? {} : { max })}
        required={!optional}
        value={texts[key]}
        onChange={(event) => setTexts({ ...texts, [key]: event.target.value })}
      />
    </Field>
  );
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (draft.success) save.mutate(draft.data);
  };
  return (
    <form onSubmit={submit} className="mt-4 grid gap-4">
      <div className="grid gap-4 sm:grid-cols-3">{gateLimits.map(input)}</div>
      {save.error && <ErrorNote error={errorInfo(save.error)} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" kind="primary" disabled={!changed || save.isPending}>
          Save the gate
        </Button>
        {changed && <Button onClick={() => setTexts(textsOf(gate))}>Undo</Button>}
        <p className="text-xs text-muted" role="status">
          {draft.success && verdictText(profiles, draft.data, changed)}
        </p>
      </div>
    </form>
  );
}

const textsOf = (gate: Gate): Record<keyof Gate, string> =>
  Object.fromEntries(gateLimits.map(({ key }) => [key, gate[key] === null ? "" : String(gate[key])])) as Record<keyof Gate, string>;

/** What the limits would mean for the profiles that there are. */
function verdictText(profiles: readonly Profile[], gate: Gate, changed: boolean): string {
  const judged = profiles.filter(({ precision }) => precision !== "fp32");
  if (judged.length === 0) return "";
  const passing = judged.filter((profile) => judgeByGate(profile, gate).passed);
  const now = judged.filter((profile) => profile.gate.passed);
  const counts = `${passing.length} of ${judged.length} profiles ${changed ? "would pass" : "pass"}`;
  return changed ? `${counts}, ${now.length} do now.` : `${counts}.`;
}
