"use client";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { buttonClass } from "./controls";

/** Content over nearly the whole page; Escape closes it. */
export function Sheet({
  title,
  note,
  onClose,
  onKeyDown,
  children,
}: {
  title: string;
  note: string;
  onClose(): void;
  onKeyDown?(event: KeyboardEvent): void;
  children: ReactNode;
}) {
  // It has no trigger of its own to give the focus back to.
  const [opener] = useState(() => document.activeElement);
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/60" />
        <Dialog.Content
          onKeyDown={onKeyDown}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener instanceof HTMLElement) opener.focus();
          }}
          className="fixed inset-2 z-50 flex flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-xl outline-none md:inset-6"
        >
          <header className="flex items-start gap-3 border-b border-line p-3 pl-4">
            <div className="mr-auto min-w-0">
              <Dialog.Title className="truncate font-medium">{title}</Dialog.Title>
              <Dialog.Description className="text-xs text-muted">{note}</Dialog.Description>
            </div>
            <Dialog.Close className={buttonClass("ghost", "px-2")} aria-label="Close">
              <X className="size-4" aria-hidden />
            </Dialog.Close>
          </header>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
