"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, Upload } from "lucide-react";
import { useRef } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/controls";
import { useTRPC } from "@/lib/trpc";

/** Cameras as a table: out, and in again. */
export function CsvTools() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const file = useRef<HTMLInputElement>(null);
  const load = useMutation(
    trpc.cameras.importCsv.mutationOptions({
      onSuccess: ({ created, updated, errors }) => {
        const summary = `${created} added, ${updated} changed`;
        if (errors.length === 0) toast.success(summary);
        else
          toast.warning(`${summary}, ${errors.length} lines not taken`, {
            description: errors
              .slice(0, 5)
              .map(({ line, message }) => `Line ${line}: ${message}`)
              .join("\n"),
            duration: 20_000,
          });
      },
    }),
  );
  const save = async (): Promise<void> => {
    const { csv } = await queryClient.fetchQuery({ ...trpc.cameras.exportCsv.queryOptions(), staleTime: 0 });
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "cameras.csv" });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <input
        ref={file}
        type="file"
        accept=".csv,text/csv"
        hidden
        aria-label="CSV file"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          event.target.value = "";
          if (chosen) void chosen.text().then((csv) => load.mutate({ csv }));
        }}
      />
      <Button onClick={() => file.current?.click()} disabled={load.isPending}>
        <Upload className="size-4" /> Import
      </Button>
      <Button onClick={() => void save()}>
        <Download className="size-4" /> Export
      </Button>
    </>
  );
}
