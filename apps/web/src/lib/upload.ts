import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { errorInfoSchema } from "@octet/shared/domain/error-info";
import { AppError } from "@octet/shared/errors";

/**
 * Sends a file to the artifact store, which answers with its hash. XMLHttpRequest, as `fetch` tells nothing of an upload's
 * progress. @param onProgress bytes sent @throws AppError BAD_INPUT, DISK_FULL, UNAUTHENTICATED
 */
export function uploadArtifact(file: Blob, onProgress?: (sent: number) => void, signal?: AbortSignal): Promise<ArtifactRef> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/artifacts");
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress?.(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as ArtifactRef);
      else {
        const info = errorInfoSchema.safeParse((request.response as { error?: unknown } | null)?.error);
        reject(info.success ? AppError.fromInfo(info.data) : new AppError("INTERNAL", `The server answered ${request.status}`));
      }
    };
    request.onerror = () => reject(new AppError("INTERNAL", "The upload was cut off", { hint: "Check the connection and try again." }));
    request.onabort = () => reject(new AppError("BAD_INPUT", "The upload was stopped"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
