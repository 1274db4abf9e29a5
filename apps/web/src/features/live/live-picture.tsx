"use client";
import type { LiveFrame } from "@octet/shared/protocol/live-frame";
import { useCallback, useEffect, useRef, useState } from "react";
import { Boxes } from "./boxes";
import { useFrames, useOnScreen } from "./use-live";

interface Shown {
  frame: LiveFrame;
  url: string;
}

/** The frames that were inferred, as they were inferred, with what was found in them. Runs while it is on screen. */
export function LivePicture({ cameraId, active = true }: { cameraId: string; active?: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const onScreen = useOnScreen(root);
  const [shown, setShown] = useState<Shown | null>(null);
  const current = useRef<string | null>(null);

  const onFrame = useCallback((frame: LiveFrame) => {
    if (!frame.preview) return;
    const url = URL.createObjectURL(new Blob([frame.preview as Uint8Array<ArrayBuffer>], { type: "image/jpeg" }));
    const before = current.current;
    current.current = url;
    setShown({ frame, url });
    // The old picture stays until the new one is decoded, or it would flicker.
    if (before) setTimeout(() => URL.revokeObjectURL(before), 500);
  }, []);
  useFrames(cameraId, active && onScreen, true, onFrame);
  useEffect(
    () => () => {
      if (current.current) URL.revokeObjectURL(current.current);
    },
    [],
  );

  return (
    <div ref={root} className="absolute inset-0">
      {shown && (
        <>
          <img
            src={shown.url}
            alt=""
            data-testid="preview"
            data-seq={shown.frame.seq}
            className="absolute inset-0 size-full object-contain"
          />
          <Boxes detections={shown.frame.detections} width={shown.frame.width} height={shown.frame.height} />
        </>
      )}
    </div>
  );
}
