"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Confirm } from "@/components/ui/confirm";
import { Button, Card, Chip, Input, Select } from "@/components/ui/controls";
import { ago } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";

/** Tokens for programs and workers. A new one is shown once. */
export function TokenPanel() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { data } = useQuery(trpc.tokens.list.queryOptions());
  const refresh = { onSuccess: () => void queryClient.invalidateQueries({ queryKey: trpc.tokens.pathKey() }) };
  const create = useMutation(trpc.tokens.create.mutationOptions(refresh));
  const revoke = useMutation(trpc.tokens.revoke.mutationOptions(refresh));
  const [kind, setKind] = useState<"api" | "worker">("worker");

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    create.mutate({
      name: String(form.get("name")),
      kind,
      role: kind === "worker" ? "operator" : (String(form.get("role")) as "viewer" | "operator" | "admin"),
    });
    event.currentTarget.reset();
  };
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">Tokens</h2>
      <p className="mt-1 text-xs text-muted">
        Workers join with one; the CLI and other programs call tRPC with one (Authorization: Bearer).
      </p>
      <form onSubmit={submit} className="mt-4 flex flex-wrap gap-2">
        <Input name="name" aria-label="Token name" placeholder="Name" required maxLength={80} className="w-44" />
        <Select aria-label="Kind" value={kind} onChange={(event) => setKind(event.target.value as "api" | "worker")} className="w-32">
          <option value="worker">Worker</option>
          <option value="api">API</option>
        </Select>
        {kind === "api" && (
          <Select name="role" aria-label="Role" defaultValue="operator" className="w-28">
            <option value="viewer">Viewer</option>
            <option value="operator">Operator</option>
            <option value="admin">Admin</option>
          </Select>
        )}
        <Button type="submit" kind="primary" disabled={create.isPending}>
          Make token
        </Button>
      </form>
      {create.data && (
        <div className="mt-3 rounded-md border border-accent/50 bg-accent/8 p-3">
          <p className="text-xs">This is the only time that the token is shown:</p>
          <code className="mt-1 block font-mono text-xs break-all select-all">{create.data.token}</code>
        </div>
      )}
      <ul className="mt-4 divide-y divide-line">
        {data?.map((token) => (
          <li key={token.id} className="flex items-center gap-3 py-2">
            <span className="mr-auto min-w-0 truncate">{token.name}</span>
            <Chip>{token.kind === "worker" ? "worker" : token.role}</Chip>
            <span className="text-xs text-muted" suppressHydrationWarning>
              {token.lastUsedAt ? `used ${ago(new Date(token.lastUsedAt).getTime())}` : "never used"}
            </span>
            <Confirm
              trigger={
                <Button kind="ghost" className="px-2" aria-label={`Revoke ${token.name}`}>
                  <Trash2 className="size-4" />
                </Button>
              }
              title={`Revoke ${token.name}?`}
              text="What uses it is disconnected and refused from now on."
              action="Revoke"
              onConfirm={() => revoke.mutate({ id: token.id })}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}
