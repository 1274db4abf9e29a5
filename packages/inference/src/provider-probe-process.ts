/**
 * Runs in a process of its own (see `thread-bootstrap.mjs`), because a provider whose driver is broken may hang or
 * take the process down. Says over IPC whether the provider in argv really computes.
 */
import { InferenceSession, Tensor } from "./ort.ts";
import { runtimeReason } from "./session-errors.ts";
import type { Provider } from "./session-messages.ts";
import { sessionOptions } from "./session-options.ts";
import { TINY_LENGTH, tinyModel } from "./tiny-model.ts";

async function compute(provider: Provider): Promise<string | null> {
  try {
    const session = await InferenceSession.create(tinyModel(), sessionOptions(provider));
    const { y } = await session.run({ x: new Tensor("float32", Float32Array.from([-1, 0, 0.5, 2]), [TINY_LENGTH]) });
    return String(y?.data) === "0,0,0.5,2" ? null : `it computed ${String(y?.data)} instead of 0,0,0.5,2`;
  } catch (error) {
    return runtimeReason(error);
  }
}

void compute(process.argv[3] as Provider).then((reason) => process.send!({ reason }, undefined, undefined, () => process.disconnect()));
