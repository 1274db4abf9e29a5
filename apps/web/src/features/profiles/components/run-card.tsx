"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "@/components/ui/confirm";
import { Button, Card, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { Profile } from "./figures";
import { type ChosenScope, ScopeChoice, scopeOf } from "./scope-choice";
import { usePlaces } from "./use-places";
import { useRank } from "./use-rank";
import { useRefresh } from "./use-refresh";

/** Puts a profile to work: in the shadow first, then for good. */
export function RunCard({ profile }: { profile: Profile }) {
  const trpc = useTRPC();
  const refresh = { ...useRefresh(), meta: { inline: true } };
  const { administers } = useRank();
  const { nameOf } = usePlaces();
  const shadow = useMutation(trpc.profiles.shadow.mutationOptions(refresh));
  const promote = useMutation(trpc.profiles.promote.mutationOptions(refresh));
  const [chosen, setChosen] = useState<ChosenScope>({ scope: "site", value: "" });
  const [share, setShare] = useState(20);
  const [reason, setReason] = useState("");
  const where = scopeOf(chosen);
  const overrides = !profile.gate.passed;
  const ready = profile.sha256 !== null && where !== null && profile.state !== "rejected";
  const place = where ? nameOf(where.scope, where.scope === "site" ? "" : where.value) : "";
  const error = promote.error ?? shadow.error;
  return (
    <Card className="grid min-w-0 content-start gap-4 p-5">
      <h2 className="font-medium">Run it</h2>
      <ScopeChoice chosen={chosen} onChoose={setChosen} />
      <div className="flex items-end gap-2">
        <div className="w-36">
          <Field label="Share of frames, %">
            <Input type="number" min={1} max={100} value={share} onChange={(event) => setShare(Number(event.target.value))} />
          </Field>
        </div>
        <Button
          disabled={!ready || shadow.isPending || !(share >= 1 && share <= 100)}
          onClick={() => where && shadow.mutate({ id: profile.id, where, share: share / 100 })}
        >
          Run in the shadow
        </Button>
      </div>
      {overrides && profile.sha256 !== null && administers && (
        <Field label="Reason to override the gate" help="A sentence; it is written into the audit log.">
          <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} />
        </Field>
      )}
      {overrides && !administers && <p className="text-xs text-muted">The gate is not passed. An admin may override it, with a reason.</p>}
      <div>
        <Confirm
          trigger={
            <Button kind="primary" disabled={!ready || promote.isPending || (overrides && (!administers || reason.trim().length < 10))}>
              {overrides ? "Promote all the same" : "Promote"}
            </Button>
          }
          title={`Promote ${profile.name} for ${place}?`}
          text={
            overrides
              ? "The gate says no. Your reason is written into the audit log."
              : "Cameras change over at once; one click brings back what runs now."
          }
          action="Promote"
          onConfirm={() => where && promote.mutate({ id: profile.id, where, overrideReason: overrides ? reason.trim() : null })}
        />
      </div>
      {profile.sha256 === null && <p className="text-xs text-muted">It can run when it is built.</p>}
      {profile.state === "rejected" && <p className="text-xs text-muted">It was rejected.</p>}
      {error && <ErrorNote error={errorInfo(error)} />}
    </Card>
  );
}
