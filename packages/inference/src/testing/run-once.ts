/** Runs the default model in a thread and a tiny one in this thread, each once, and ends. */
import { defaultModelPath } from "../builtin-models.ts";
import { OnnxSession } from "../onnx-runtime.ts";
import { SessionPool } from "../session-pool.ts";
import { tinyModel } from "../tiny-model.ts";

const input = { name: "data", width: 640, height: 640, mean: 0, scale: 1 };
await using pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input });
await pool.run([new Uint8Array(3 * 640 * 640)]);
const session = await OnnxSession.load(tinyModel());
await session.close();
