export type ServedType = "application/octet-stream" | "application/json" | "image/jpeg" | "image/png" | "text/html; charset=utf-8";

/** Bytes that `sniff` wants to see. */
export const SNIFF_BYTES = 64;

/** The type that a file is served as, by how it begins: pictures, reports and manifests show in a browser, all else is only saved. */
export function sniff(start: Uint8Array): ServedType {
  const begins = (...bytes: number[]): boolean => bytes.every((byte, index) => start[index] === byte);
  if (begins(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  const text = Buffer.from(start).toString("latin1").trimStart();
  if (/^<(!doctype html|html)[\s>]/i.test(text)) return "text/html; charset=utf-8";
  if (/^[{[]\s*["{[\d\]}-]/.test(text)) return "application/json";
  return "application/octet-stream";
}
