import type { ModelSignature } from "../family.ts";

/** The 80 classes of COCO's detection task, in the order in which detectors number them. Source: cocodataset.org, instances_val2017. */
export const cocoNames: readonly string[] = (
  "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog," +
  "horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite," +
  "baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich," +
  "orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard," +
  "cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"
).split(",");

const MAX_NAME = 100;
/** More than any detector has, and as many as a model is stored with. */
export const MAX_CLASSES = 1000;

/** Names that Ultralytics' exporter writes: `{0: 'person', 1: "driver's seat"}`. Null where there are none, or not one a class. */
export function namesOf({ metadata }: ModelSignature): string[] | null {
  const text = metadata?.["names"];
  if (!text) return null;
  const names: string[] = [];
  for (const [, index, single, double] of text.matchAll(/(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
    if (Number(index) !== names.length) return null;
    names.push((single ?? double ?? "").replaceAll(/\\(.)/g, "$1").slice(0, MAX_NAME));
  }
  return names.length > 0 && names.length <= MAX_CLASSES ? names : null;
}

/** Names for so many classes: the file's own, COCO's where there are 80, else "class 0" and so on. */
export function labelsFor(count: number, signature: ModelSignature): readonly string[] {
  const names = namesOf(signature);
  if (names?.length === count) return names;
  if (count === cocoNames.length) return cocoNames;
  return count === 1 ? ["object"] : Array.from({ length: count }, (_, index) => `class ${index}`);
}
