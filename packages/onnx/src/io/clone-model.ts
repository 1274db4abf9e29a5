import type { Model } from "../ir/model.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";

/** A copy that shares nothing with the original. */
export const cloneModel = (model: Model): Model => decodeModel(encodeModel(model));
