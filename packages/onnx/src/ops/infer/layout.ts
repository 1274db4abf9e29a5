import { type Dim, intAttribute, intsAttribute } from "../../ir/model.ts";
import { addDims, compatible, divideProducts, multiplyDims, productOf, showShape } from "../dims.ts";
import type { InferContext } from "../infer-context.ts";

export function concat(context: InferContext): void {
  const inputs = context.node.inputs.map((_, position) => context.input(position));
  const dataType = inputs[0]?.dataType ?? null;
  const known = inputs.find(({ shape }) => shape)?.shape;
  if (!known) {
    context.set(0, dataType, null);
    return;
  }
  if (known.length === 0) context.fail("it joins scalars");
  const axis = context.axis(known.length, 1);
  const shape: Dim[] = [...known];
  shape[axis] = 0;
  for (const input of inputs) {
    if (!input.shape) {
      shape[axis] = null;
      continue;
    }
    if (input.shape.length !== known.length) context.fail(`it joins ${showShape(known)} and ${showShape(input.shape)}`);
    for (const [at, dim] of input.shape.entries()) {
      if (at === axis) shape[at] = addDims(shape[at]!, dim);
      else if (!compatible(shape[at], dim)) context.fail(`it joins ${showShape(known)} and ${showShape(input.shape)} on axis ${axis}`);
      else if (typeof dim === "number" || shape[at] === null) shape[at] = dim;
    }
  }
  const data = known.length === 1 && inputs.every((input) => input.data) ? inputs.flatMap((input) => [...input.data!]) : undefined;
  context.set(0, dataType, shape, data);
}

export function split(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  const { node } = context;
  if (!shape) {
    for (const position of node.outputs.keys()) context.set(position, dataType, null);
    return;
  }
  const axis = context.axis(shape.length, 0);
  const size = shape[axis]!;
  let sizes: Dim[] | null | undefined = context.list("split", 1);
  const parts = intAttribute(node, "num_outputs", node.outputs.length);
  if (sizes) {
    const sum = sizes.reduce<number>((total, part) => total + (part as number), 0);
    if (sizes.length !== node.outputs.length) context.fail(`it splits into ${sizes.length} parts and has ${node.outputs.length} outputs`);
    if (!compatible(sum, size)) context.fail(`its parts [${sizes.join(", ")}] do not add up to the ${size} of ${showShape(shape)}`);
  } else if (sizes === undefined && typeof size === "number") {
    const each = Math.ceil(size / parts);
    if (context.opset < 18 && size % parts !== 0) context.fail(`${size} does not divide into ${parts} equal parts`);
    sizes = Array.from({ length: parts }, (_, part) => Math.max(0, Math.min(each, size - part * each)));
  }
  let from = 0;
  for (const position of node.outputs.keys()) {
    const part = sizes?.[position] ?? null;
    const items = data && shape.length === 1 && typeof part === "number" ? data.slice(from, from + part) : undefined;
    if (typeof part === "number") from += part;
    context.set(
      position,
      dataType,
      shape.map((dim, at) => (at === axis ? part : dim)),
      items,
    );
  }
}

export function slice(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  if (!shape) {
    context.set(0, dataType, null);
    return;
  }
  const starts = context.list("starts", 1);
  // An end may be a symbol: another value's size.
  const attributeEnds = context.node.attributes.get("ends");
  const ends = attributeEnds?.type === "ints" ? attributeEnds.value.map(Number) : context.input(2).data;
  const axes = context.list("axes", 3);
  const steps = context.opset < 10 || !context.has(4) ? undefined : (context.numbers(4) ?? null);
  if (!starts || !ends || axes === null || steps === null) {
    const touched = axes?.map((axis) => context.normalAxis(axis, shape.length));
    context.set(
      0,
      dataType,
      shape.map((dim, at) => (touched && !touched.includes(at) ? dim : null)),
    );
    return;
  }
  const result = [...shape];
  let items = shape.length === 1 ? data : undefined;
  for (const [at, start] of starts.entries()) {
    const axis = context.normalAxis(axes ? (axes[at] ?? context.fail("axes and starts differ in length")) : at, shape.length);
    const step = steps ? (steps[at] ?? context.fail("steps and starts differ in length")) : 1;
    const end = ends[at];
    if (end === undefined) context.fail("ends and starts differ in length");
    if (step === 0) context.fail("its step is 0");
    const size = result[axis]!;
    if (typeof size !== "number" || typeof end !== "number") {
      const whole = start === 0 && step === 1 && (end === size || (typeof end === "number" && end >= 2 ** 31 - 1));
      // x[:n] with n the same symbol, or no end at all, is x.
      result[axis] = whole
        ? size
        : size !== null && end === size && start === 0
          ? size
          : typeof end === "string" && start === 0 && step === 1 && size === null
            ? end
            : null;
      if (!whole) items = undefined;
      continue;
    }
    const [from, to] = sliceRange(size, start, end, step);
    result[axis] = Math.max(0, Math.ceil((to - from) / step));
    items = items && Array.from({ length: result[axis] as number }, (_, i) => items![from + i * step]!);
  }
  context.set(0, dataType, result, items);
}

/** Start and end of a slice within `size`, as numpy clamps them. */
export function sliceRange(size: number, start: number, end: number, step: number): [from: number, to: number] {
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  return step > 0 ? [clamp(start, 0, size), clamp(end, 0, size)] : [clamp(start, 0, size - 1), clamp(end, -1, size - 1)];
}

export function reshape(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  const attribute = context.node.attributes.get("shape");
  const target: readonly Dim[] | undefined = attribute?.type === "ints" ? attribute.value.map(Number) : context.input(1).data;
  if (!target) {
    const rank = context.shape(1)?.[0];
    context.set(0, dataType, typeof rank === "number" && rank < 64 ? new Array<Dim>(rank).fill(null) : null);
    return;
  }
  const allowZero = intAttribute(context.node, "allowzero", 0) === 1;
  const result = target.map((dim, at): Dim => {
    if (dim !== 0 || allowZero) return dim;
    if (!shape) return null;
    return at < shape.length ? shape[at]! : context.fail(`it copies dimension ${at} of ${showShape(shape)}`);
  });
  const free = result.flatMap((dim, at) => (dim === -1 ? [at] : []));
  if (free.length > 1 || result.some((dim) => typeof dim === "number" && dim < -1)) context.fail(`its target is [${target.join(", ")}]`);
  const fixed = result.filter((dim) => dim !== -1);
  if (shape) {
    const rest = divideProducts(shape, fixed);
    if (rest === undefined || (free.length === 0 && typeof rest === "number" && rest !== 1 && !fixed.includes(0)))
      context.fail(`${showShape(shape)} cannot be given the shape [${target.map((dim) => dim ?? "?").join(", ")}]`);
    if (free.length === 1) result[free[0]!] = rest!;
  } else if (free.length === 1) result[free[0]!] = null;
  context.set(0, dataType, result, result.length <= 1 ? data : undefined);
}

export function flatten(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  if (!shape) {
    context.set(0, dataType, [null, null]);
    return;
  }
  const attribute = intAttribute(context.node, "axis", 1);
  const axis = attribute < 0 ? attribute + shape.length : attribute;
  if (axis < 0 || axis > shape.length) context.fail(`axis ${attribute} is outside ${showShape(shape)}`);
  context.set(0, dataType, [productOf(shape.slice(0, axis)), productOf(shape.slice(axis))]);
}

export function transpose(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  if (!shape) {
    context.set(0, dataType, null);
    return;
  }
  const perm = intsAttribute(
    context.node,
    "perm",
    shape.map((_, at) => shape.length - 1 - at),
  );
  if (perm.length !== shape.length || new Set(perm).size !== perm.length || perm.some((at) => at < 0 || at >= shape.length))
    context.fail(`perm [${perm.join(", ")}] does not fit ${showShape(shape)}`);
  context.set(
    0,
    dataType,
    perm.map((at) => shape[at]!),
  );
}

export function squeeze(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  const axes = context.list("axes", 1);
  if (!shape || axes === null) {
    context.set(0, dataType, null);
    return;
  }
  if (!axes && shape.some((dim) => typeof dim !== "number")) {
    context.set(0, dataType, null);
    return;
  }
  const gone = axes?.map((axis) => context.normalAxis(axis, shape.length)) ?? shape.flatMap((dim, at) => (dim === 1 ? [at] : []));
  for (const axis of gone)
    if (!compatible(shape[axis], 1)) context.fail(`it takes away dimension ${axis} of ${showShape(shape)}, which is not 1`);
  context.set(
    0,
    dataType,
    shape.filter((_, at) => !gone.includes(at)),
    data,
  );
}

export function unsqueeze(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  const axes = context.list("axes", 1);
  if (!shape || !axes) {
    context.set(0, dataType, null);
    return;
  }
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => context.normalAxis(axis, rank)));
  if (added.size !== axes.length) context.fail(`axes [${axes.join(", ")}] name a dimension twice`);
  const rest = [...shape];
  const result = Array.from({ length: rank }, (_, at): Dim => (added.has(at) ? 1 : rest.shift()!));
  context.set(0, dataType, result, rank <= 1 ? data : undefined);
}

export function pad(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  const pads = context.list("pads", 1);
  if (!shape) {
    context.set(0, dataType, null);
    return;
  }
  const axes = context.has(3) ? context.numbers(3) : shape.map((_, at) => at);
  if (!pads || !axes) {
    context.set(
      0,
      dataType,
      shape.map(() => null),
    );
    return;
  }
  if (pads.length !== axes.length * 2) context.fail(`it has ${pads.length} pads for ${axes.length} axes`);
  const result = [...shape];
  for (const [at, given] of axes.entries()) {
    const axis = context.normalAxis(given, shape.length);
    result[axis] = addDims(result[axis]!, pads[at]! + pads[at + axes.length]!);
  }
  if (result.some((dim) => typeof dim === "number" && dim < 0)) context.fail(`its output would be ${showShape(result)}`);
  context.set(0, dataType, result);
}

export function expand(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  const target = context.input(1).data;
  if (!shape || !target) {
    context.set(0, dataType, null);
    return;
  }
  const rank = Math.max(shape.length, target.length);
  const at = (list: readonly Dim[], place: number): Dim => list[place - (rank - list.length)] ?? (place < rank - list.length ? 1 : null);
  const result = Array.from({ length: rank }, (_, place): Dim => {
    const [have, want] = [at(shape, place), at(target, place)];
    if (have === want || want === 1) return have;
    if (have === 1) return want;
    if (typeof have === "number" && typeof want === "number")
      context.fail(`${showShape(shape)} does not expand to ${showShape([...target])}`);
    return typeof have === "number" ? have : typeof want === "number" ? want : null;
  });
  context.set(0, dataType, result);
}

export function tile(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  const repeats = context.input(1).data;
  if (!shape) {
    context.set(0, dataType, null);
    return;
  }
  if (repeats && repeats.length !== shape.length) context.fail(`it has ${repeats.length} repeats for ${showShape(shape)}`);
  context.set(
    0,
    dataType,
    shape.map((dim, at) => (repeats ? multiplyDims(dim, repeats[at]!) : null)),
  );
}

export function depthToSpace(context: InferContext): void {
  blocks(context, (channels, block) => divideProducts([channels], [block, block]), multiplyDims);
}

export function spaceToDepth(context: InferContext): void {
  blocks(
    context,
    (channels, block) => multiplyDims(channels, block * block),
    (size, block) => divideProducts([size], [block]),
  );
}

function blocks(
  context: InferContext,
  channels: (channels: Dim, block: number) => Dim | undefined,
  size: (size: Dim, block: number) => Dim | undefined,
): void {
  const { dataType, shape } = context.input(0);
  if (!shape) {
    context.set(0, dataType, null);
    return;
  }
  const block = intAttribute(context.node, "blocksize", 0);
  if (shape.length !== 4 || block < 1) context.fail(`blocks of ${block} in ${showShape(shape)}`);
  const result = [shape[0]!, channels(shape[1]!, block), size(shape[2]!, block), size(shape[3]!, block)];
  if (result.includes(undefined)) context.fail(`${showShape(shape)} does not divide into blocks of ${block}`);
  context.set(0, dataType, result as Dim[]);
}

/** Resize from opset 10 on, and Upsample. The output size is floor(size · scale), or what `sizes` says. */
export function resize(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  const { node } = context;
  if (!shape) {
    context.set(0, dataType, null);
    return;
  }
  const eleven = node.opType === "Resize" && context.opset >= 11;
  const attribute = node.attributes.get("scales");
  const scales = attribute?.type === "floats" ? attribute.value : context.input(eleven ? 2 : 1).data;
  const sizes = eleven && context.has(3) ? context.input(3).data : undefined;
  const axes = intsAttribute(
    node,
    "axes",
    shape.map((_, at) => at),
  ).map((axis) => context.normalAxis(axis, shape.length));
  const policy = node.attributes.get("keep_aspect_ratio_policy");
  if (policy?.type === "string" && policy.value !== "stretch") {
    context.set(
      0,
      dataType,
      shape.map(() => null),
    );
    return;
  }
  const result = [...shape];
  const list = sizes && sizes.length > 0 ? sizes : scales && scales.length > 0 ? scales : undefined;
  if (list && list.length !== axes.length)
    context.fail(`it has ${list.length} ${list === sizes ? "sizes" : "scales"} for ${showShape(shape)}`);
  for (const [at, axis] of axes.entries()) {
    const size = shape[axis]!;
    if (!list) result[axis] = null;
    else if (list === sizes) result[axis] = list[at]!;
    else {
      const scale = list[at]!;
      if (typeof scale === "number" && !(scale > 0)) context.fail(`its scale is ${scale}`);
      result[axis] = scale === 1 ? size : typeof size === "number" && typeof scale === "number" ? Math.floor(size * scale) : null;
    }
  }
  context.set(0, dataType, result);
}
