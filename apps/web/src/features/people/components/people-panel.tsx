"use client";
import type { Role } from "@octet/shared/domain/access";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import type { FormEvent } from "react";
import { Confirm } from "@/components/ui/confirm";
import { Button, Card, Input, Select } from "@/components/ui/controls";
import { useTRPC } from "@/lib/trpc";

const roles: Role[] = ["viewer", "operator", "admin"];

export function PeoplePanel() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { data } = useQuery(trpc.people.list.queryOptions());
  const refresh = { onSettled: () => void queryClient.invalidateQueries({ queryKey: trpc.people.pathKey() }) };
  const create = useMutation(trpc.people.create.mutationOptions(refresh));
  const setRole = useMutation(trpc.people.setRole.mutationOptions(refresh));
  const remove = useMutation(trpc.people.remove.mutationOptions(refresh));

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const value = (name: string): string => String(new FormData(form).get(name));
    create.mutate(
      { name: value("name"), email: value("email"), password: value("password"), role: value("role") as Role },
      { onSuccess: () => form.reset() },
    );
  };
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">People</h2>
      <p className="mt-1 text-xs text-muted">Viewers watch, operators manage cameras, admins also people and tokens.</p>
      <form onSubmit={submit} className="mt-4 flex flex-wrap gap-2">
        <Input name="name" aria-label="Name" placeholder="Name" required className="w-36" />
        <Input name="email" type="email" aria-label="Email" placeholder="E-mail" required className="w-48" />
        <Input
          name="password"
          type="password"
          aria-label="Password"
          placeholder="Password"
          minLength={8}
          required
          autoComplete="new-password"
          className="w-36"
        />
        <Select name="role" aria-label="Role" className="w-28">
          {roles.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </Select>
        <Button type="submit" kind="primary" disabled={create.isPending}>
          Add
        </Button>
      </form>
      <ul className="mt-4 divide-y divide-line">
        {data?.map((person) => (
          <li key={person.id} className="flex items-center gap-3 py-2">
            <span className="mr-auto min-w-0">
              <span className="block truncate">{person.name}</span>
              <span className="block truncate text-xs text-muted">{person.email}</span>
            </span>
            <Select
              aria-label={`Role of ${person.name}`}
              value={person.role}
              onChange={(event) => setRole.mutate({ id: person.id, role: event.target.value as Role })}
              className="w-28"
            >
              {roles.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
            <Confirm
              trigger={
                <Button kind="ghost" className="px-2" aria-label={`Remove ${person.name}`}>
                  <Trash2 className="size-4" />
                </Button>
              }
              title={`Remove ${person.name}?`}
              text="The account is deleted and its sessions end."
              action="Remove"
              onConfirm={() => remove.mutate({ id: person.id })}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}
