"use client";
import { type DatasetLayout, datasetLayoutSchema } from "@octet/shared/domain/dataset";
import type { ErrorInfo } from "@octet/shared/errors";
import { useMutation } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { type DragEvent, type FormEvent, useRef, useState } from "react";
import { Button, Input, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { cn } from "@/lib/cn";
import { bytes } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { uploadArtifact } from "@/lib/upload";

const isArchive = (file: File): boolean => /\.zip$/i.test(file.name);

/** Path inside the data set: the folder's own where a folder was chosen. */
const pathOf = (file: File): string => (file.webkitRelativePath || file.name).replaceAll("\\", "/");

const layoutNames: Record<DatasetLayout, string> = {
  images: "Images alone (calibration)",
  wider: "WIDER FACE, official files",
  yolo: "YOLO: images/ and labels/",
  coco: "COCO: images/ and a JSON file",
  voc: "Pascal VOC: JPEGImages/ and Annotations/",
};

/** Uploads images, a folder or a zip archive, and has a worker read them. */
export function UploadForm({ onQueued }: { onQueued(): void }) {
  const trpc = useTRPC();
  const start = useMutation(trpc.datasets.import.mutationOptions({ onSuccess: onQueued }));
  const input = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<File[]>([]);
  const [over, setOver] = useState(false);
  const [layout, setLayout] = useState<DatasetLayout>("images");
  const [sent, setSent] = useState<{ bytes: number; files: number } | null>(null);
  const [failure, setFailure] = useState<ErrorInfo | null>(null);
  const total = files.reduce((sum, { size }) => sum + size, 0);

  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    setFiles([...event.dataTransfer.files]);
  };
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    setFailure(null);
    try {
      const archive = files.length === 1 && isArchive(files[0]!);
      const stored: { path: string; sha256: string; sizeBytes: number }[] = [];
      let before = 0;
      for (const [index, file] of files.entries()) {
        setSent({ bytes: before, files: index });
        const ref = await uploadArtifact(file, (now) => setSent({ bytes: before + now, files: index }));
        stored.push({ path: pathOf(file), ...ref });
        before += file.size;
      }
      const [first] = stored;
      await start.mutateAsync({
        into: { name, kind: layout === "images" ? "calibration" : "validation" },
        layout,
        files: archive ? [] : stored,
        archive: archive && first ? { sha256: first.sha256, sizeBytes: first.sizeBytes } : null,
      });
      setFiles([]);
    } catch (error) {
      setFailure(errorInfo(error));
    } finally {
      setSent(null);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name">
          <Input name="name" required maxLength={120} placeholder="Entrance, November" />
        </Field>
        <Field label="Layout">
          <Select value={layout} onChange={(event) => setLayout(datasetLayoutSchema.parse(event.target.value))}>
            {datasetLayoutSchema.options.map((one) => (
              <option key={one} value={one}>
                {layoutNames[one]}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <button
        type="button"
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          "grid cursor-pointer justify-items-center gap-1 rounded-lg border border-dashed border-line p-6 text-center hover:bg-raised",
          over && "border-accent bg-accent/8",
        )}
      >
        <Upload className="size-5 text-muted" aria-hidden />
        <span className="text-sm font-medium">
          {files.length === 0 ? "Drop images or a zip archive here, or choose them" : `${files.length} files, ${bytes(total)}`}
        </span>
        <span className="text-xs text-muted">Labels go into the archive, beside the images.</span>
      </button>
      <input
        ref={input}
        type="file"
        multiple
        className="sr-only"
        aria-label="Images or a zip archive"
        onChange={(event) => setFiles([...(event.target.files ?? [])])}
      />
      {sent && <Progress percent={(100 * sent.bytes) / Math.max(1, total)} label={`Uploading file ${sent.files + 1} of ${files.length}`} />}
      {failure && <ErrorNote error={failure} />}
      <div>
        <Button type="submit" kind="primary" disabled={files.length === 0 || sent !== null || start.isPending}>
          {sent ? `Uploading ${sent.files + 1} of ${files.length}` : "Upload"}
        </Button>
      </div>
    </form>
  );
}
