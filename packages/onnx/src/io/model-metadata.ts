import { readFile } from "node:fs/promises";
import { DecodeState, decodeLimits } from "./decode-limits.ts";
import { decodeEntry } from "./decode-tensor.ts";
import { FieldReader } from "./field-reader.ts";
import { modelFields } from "./fields.ts";

/**
 * What an exporter wrote into a model file besides the graph (`metadata_props`): names of classes, the size it was trained
 * at. The graph is passed over unread. Empty for a file that is no ONNX model: whoever loads it says so.
 */
export async function readModelMetadata(file: string): Promise<Record<string, string>> {
  const bytes = await readFile(file);
  const metadata = new Map<string, string>();
  try {
    const state = new DecodeState(decodeLimits, undefined);
    // A Buffer's slice() would share its memory.
    const reader = new FieldReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), state);
    while (reader.next()) {
      if (reader.field === modelFields.metadataProps) metadata.set(...decodeEntry(reader.bytes(), state));
      else reader.keep();
    }
  } catch {
    return {};
  }
  return Object.fromEntries(metadata);
}
