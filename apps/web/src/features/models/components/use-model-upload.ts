"use client";
import type { Job } from "@octet/shared/domain/job";
import { jobSchema } from "@octet/shared/domain/job";
import type { ErrorInfo } from "@octet/shared/errors";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { uploadArtifact } from "@/lib/upload";

type State =
  | { step: "idle" }
  | { step: "sending"; sent: number; total: number }
  | { step: "inspecting"; job: Job }
  | { step: "known"; name: string }
  | { step: "failed"; error: ErrorInfo };

interface Stated {
  name: string;
  licence: string;
  origin: string;
  notes: string;
}

/** Sends a file, then has it inspected. */
export function useModelUpload(): { state: State; start(file: File, stated: Stated): void; stop(): void; reset(): void } {
  const trpc = useTRPC();
  const [state, setState] = useState<State>({ step: "idle" });
  const abort = useRef<AbortController | null>(null);
  const { mutateAsync: add } = useMutation(trpc.models.add.mutationOptions({ meta: { inline: true } }));

  const run = async (file: File, stated: Stated): Promise<void> => {
    const controller = new AbortController();
    abort.current = controller;
    setState({ step: "sending", sent: 0, total: file.size });
    try {
      const { sha256 } = await uploadArtifact(file, (sent) => setState({ step: "sending", sent, total: file.size }), controller.signal);
      const { model, job } = await add({ sha256, ...stated });
      if (job) setState({ step: "inspecting", job: jobSchema.parse(job) });
      else setState({ step: "known", name: model?.name ?? "" });
    } catch (error) {
      if (controller.signal.aborted) setState({ step: "idle" });
      else setState({ step: "failed", error: errorInfo(error) });
    }
  };
  return {
    state,
    start: (file, stated) => void run(file, stated),
    stop: () => abort.current?.abort(),
    reset: () => setState({ step: "idle" }),
  };
}
