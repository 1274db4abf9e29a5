"use client";
import { Tabs } from "radix-ui";
import type { ReactNode } from "react";

/** Panels of which one shows; the arrow keys change over. What is hidden is not made. */
export function TabPanels({ label, panels }: { label: string; panels: readonly { name: string; content: ReactNode }[] }) {
  return (
    <Tabs.Root defaultValue={panels[0]?.name ?? ""}>
      <Tabs.List aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line px-1 pt-1">
        {panels.map(({ name }) => (
          <Tabs.Trigger
            key={name}
            value={name}
            className="cursor-pointer border-b-2 border-transparent px-3 py-2 text-sm whitespace-nowrap text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {panels.map(({ name, content }) => (
        <Tabs.Content key={name} value={name} className="pt-4">
          {content}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
