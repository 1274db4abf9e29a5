"use client";
import { type DatasetLayout, datasetLayoutSchema } from "@octet/shared/domain/dataset";
import type { ErrorInfo } from "@octet/shared/errors";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Button, Select } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { bytes, count } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { type ChosenFile, refuseSelection, selectionOf } from "./chosen-files";
import { FileDrop } from "./file-drop";
import { IntoChoice, targetOf } from "./into-choice";
import { type Sent, sendFiles } from "./send-files";
import { UseChoice } from "./use-choice";

const layoutNames: Record<DatasetLayout, string> = {
  images: "Images alone",
  wider: "WIDER FACE, official files",
  yolo: "YOLO: images/ and labels/",
  coco: "COCO: images/ and a JSON file",
  voc: "Pascal VOC: JPEGImages/ and Annotations/",
};

/** Uploads images, a folder with its labels or a zip archive, and has a worker read them. */
export function UploadForm({ onQueued }: { onQueued(): void }) {
  const trpc = useTRPC();
  const start = useMutation(trpc.datasets.import.mutationOptions({ onSuccess: onQueued, meta: { inline: true } }));
  const [chosen, setChosen] = useState<readonly ChosenFile[]>([]);
  const [layout, setLayout] = useState<DatasetLayout>("images");
  const [use, setUse] = useState<"calibration" | "validation">("calibration");
  const [into, setInto] = useState("");
  const [sent, setSent] = useState<Sent | null>(null);
  const [failure, setFailure] = useState<ErrorInfo | null>(null);
  const abort = useRef<AbortController | null>(null);
  const kind = layout === "images" ? use : "validation";
  const selection = selectionOf(chosen, layout);
  const toSend = selection.archive ? [selection.archive] : selection.files;

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const target = targetOf(into, new FormData(event.currentTarget), kind);
    const controller = new AbortController();
    abort.current = controller;
    setFailure(null);
    try {
      refuseSelection(selection, layout);
      setSent({ files: 0, bytes: 0 });
      const stored = await sendFiles(toSend, setSent, controller.signal);
      const [first] = stored;
      await start.mutateAsync({
        into: target,
        layout,
        files: selection.archive ? [] : stored,
        archive: selection.archive && first ? { sha256: first.sha256, sizeBytes: first.sizeBytes } : null,
      });
    } catch (error) {
      if (!controller.signal.aborted) setFailure(errorInfo(error));
    } finally {
      setSent(null);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <Field label="Layout">
          <Select
            value={layout}
            onChange={(event) => {
              setLayout(datasetLayoutSchema.parse(event.target.value));
              setInto("");
            }}
          >
            {datasetLayoutSchema.options.map((one) => (
              <option key={one} value={one}>
                {layoutNames[one]}
              </option>
            ))}
          </Select>
        </Field>
        {layout === "images" && (
          <UseChoice
            kind={use}
            onChoose={(one) => {
              setUse(one);
              setInto("");
            }}
          />
        )}
        <IntoChoice kind={kind} into={into} onChoose={setInto} placeholder="Entrance, November" />
      </div>
      <FileDrop
        disabled={sent !== null}
        onChoose={(files) => {
          setChosen(files);
          setFailure(null);
        }}
        onFailure={(error) => setFailure(errorInfo(error))}
      >
        <span className="block text-sm font-medium [overflow-wrap:anywhere]">
          {chosen.length === 0 ? "Drop a folder, images or a zip archive here" : chosenText(selection)}
        </span>
        <span className="block text-xs text-muted">
          {selection.leftOut > 0
            ? `${selection.leftOut === 1 ? "One other file is" : `${count(selection.leftOut)} other files are`} left out: neither images nor ${layout === "images" ? "anything that this layout reads" : "labels of this layout"}.`
            : layout === "images"
              ? "Labels are not read in this layout."
              : "Choose the folder that holds both the images and the labels; paths are kept."}
        </span>
      </FileDrop>
      {sent && (
        <div>
          <Progress percent={(100 * sent.bytes) / Math.max(1, selection.bytes)} label="Upload" />
          <p className="mt-1.5 text-xs text-muted" role="status">
            {count(sent.files)} of {count(toSend.length)} files sent, {bytes(sent.bytes)} of {bytes(selection.bytes)}
          </p>
        </div>
      )}
      {failure && <ErrorNote error={failure} />}
      <div className="flex gap-2">
        <Button type="submit" kind="primary" disabled={chosen.length === 0 || sent !== null || start.isPending}>
          Upload
        </Button>
        {sent && <Button onClick={() => abort.current?.abort()}>Stop</Button>}
      </div>
    </form>
  );
}

function chosenText({ archive, files, images, bytes: size }: ReturnType<typeof selectionOf>): string {
  if (archive) return `${archive.path}, ${bytes(size)}`;
  const labels = files.length - images;
  return `${count(images)} images${labels > 0 ? ` and ${count(labels)} files of labels` : ""}, ${bytes(size)}`;
}
