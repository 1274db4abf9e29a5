"use client";
import { splitList } from "@octet/shared/split-list";
import { useQuery } from "@tanstack/react-query";
import { type ComponentProps, useId, useState } from "react";
import { Input } from "@/components/ui/controls";
import { useTRPC } from "@/lib/trpc";

/** Names of classes, separated by commas; those of the models that were added are suggested. */
export function ClassesInput({ classes, ...props }: { classes: readonly string[] } & ComponentProps<typeof Input>) {
  const trpc = useTRPC();
  const { data: models = [] } = useQuery(trpc.models.list.queryOptions());
  const [text, setText] = useState(classes.join(", "));
  const suggestions = useId();
  // A suggestion takes the place of the whole text: it begins with the names that are there.
  const before = /^.*,\s*/.exec(text)?.[0] ?? "";
  const chosen = splitList(before).map((name) => name.toLowerCase());
  const names = [...new Set(models.flatMap((model) => model.classes))].filter((name) => !chosen.includes(name.toLowerCase()));
  return (
    <>
      <Input {...props} value={text} onChange={(event) => setText(event.target.value)} list={suggestions} spellCheck={false} />
      <datalist id={suggestions}>
        {names.map((name) => (
          <option key={name} value={before + name} />
        ))}
      </datalist>
    </>
  );
}
