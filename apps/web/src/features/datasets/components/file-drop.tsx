"use client";
import { Upload } from "lucide-react";
import { type DragEvent, type ReactNode, useState } from "react";
import { buttonClass } from "@/components/ui/controls";
import { cn } from "@/lib/cn";
import { type ChosenFile, listed } from "./chosen-files";
import { droppedFiles } from "./dropped-files";

/** Where files and folders are dropped or chosen; folders are read to their ends. */
export function FileDrop({
  disabled,
  onChoose,
  onFailure,
  children,
}: {
  disabled: boolean;
  onChoose(files: ChosenFile[]): void;
  onFailure(error: unknown): void;
  children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  const [reading, setReading] = useState(false);
  const drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    setOver(false);
    if (disabled) return;
    setReading(true);
    try {
      onChoose(await droppedFiles(event.dataTransfer.items));
    } catch (error) {
      onFailure(error);
    } finally {
      setReading(false);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside do the same by keyboard
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
      className={cn(
        "flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-dashed border-line p-5 transition-colors",
        over && "border-accent bg-accent/8",
      )}
    >
      <Upload className="size-6 shrink-0 text-muted" aria-hidden />
      <p className="mr-auto min-w-0" role="status">
        {reading ? "Reading the folder…" : children}
      </p>
      <div className="flex flex-wrap gap-2">
        <Picker label="Choose files" disabled={disabled} onFiles={(files) => onChoose(listed(files))} />
        <Picker label="Choose a folder" folder disabled={disabled} onFiles={(files) => onChoose(listed(files))} />
      </div>
    </div>
  );
}

function Picker({
  label,
  folder = false,
  disabled,
  onFiles,
}: {
  label: string;
  folder?: boolean;
  disabled: boolean;
  onFiles(files: FileList): void;
}) {
  return (
    <label
      className={buttonClass(
        "plain",
        "focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent has-disabled:pointer-events-none has-disabled:opacity-50",
      )}
    >
      {label}
      <input
        type="file"
        multiple
        disabled={disabled}
        {...(folder ? { webkitdirectory: "" } : {})}
        className="sr-only"
        onChange={(event) => {
          // Taking the list before the reset: it empties with the input.
          const files = event.target.files;
          if (files && files.length > 0) onFiles(files);
          event.target.value = "";
        }}
      />
    </label>
  );
}
