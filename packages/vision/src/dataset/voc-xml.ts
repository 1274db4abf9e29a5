import { XMLParser, XMLValidator } from "fast-xml-parser";
import { type DatasetWarning, datasetInvalid, oddBox } from "./dataset.ts";

export interface VocObject {
  /** Pixels, from 0. */
  x: number;
  y: number;
  w: number;
  h: number;
  name: string;
  difficult: boolean;
}

export interface VocAnnotation {
  /** As the file says; null where it does not. */
  filename: string | null;
  width: number | null;
  height: number | null;
  objects: VocObject[];
  warnings: DatasetWarning[];
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // No entity of the file's own making is expanded.
  processEntities: false,
  isArray: (name) => name === "object",
});

/**
 * Reads one Pascal VOC annotation. Its corners are 1-based and inclusive: x = xmin − 1, w = xmax − xmin + 1.
 * @throws AppError DATASET_INVALID with the file, and the line where the XML is broken
 */
export function readVocXml(text: string, source: string): VocAnnotation {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw datasetInvalid(source, valid.err.line, `broken XML: ${valid.err.msg}`);
  const root = childOf(parser.parse(text), "annotation");
  if (!root) throw datasetInvalid(source, null, "it has no <annotation>");
  const size = childOf(root, "size");
  const width = positive(textOf(size, "width"));
  const height = positive(textOf(size, "height"));
  const warnings: DatasetWarning[] = [];
  const list = Array.isArray(root["object"]) ? root["object"] : [];
  const objects = list.map((entry: unknown, i) => {
    const object = typeof entry === "object" && entry !== null ? (entry as Node) : {};
    const name = textOf(object, "name");
    if (!name) throw datasetInvalid(source, null, `object ${i + 1} has no name`);
    const box = childOf(object, "bndbox");
    const corner = (tag: string) => {
      const value = Number(textOf(box, tag) || Number.NaN);
      if (!Number.isFinite(value)) throw datasetInvalid(source, null, `object ${i + 1} (${name}) has no number in <${tag}>`);
      return value;
    };
    const x = corner("xmin") - 1;
    const y = corner("ymin") - 1;
    const found = { x, y, w: corner("xmax") - x, h: corner("ymax") - y, name, difficult: textOf(object, "difficult") === "1" };
    const odd = oddBox(found, width, height);
    if (odd) warnings.push({ file: source, line: null, message: `object ${i + 1} (${name}): ${odd}` });
    return found;
  });
  return { filename: textOf(root, "filename"), width, height, objects, warnings };
}

type Node = Record<string, unknown>;

function childOf(node: unknown, tag: string): Node | null {
  const child = typeof node === "object" && node !== null ? (node as Node)[tag] : null;
  return typeof child === "object" && child !== null ? (child as Node) : null;
}

function textOf(node: Node | null, tag: string): string | null {
  const value = node?.[tag];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

const positive = (text: string | null) => (Number(text) > 0 ? Number(text) : null);
