import type { Command } from "commander";
import type { CommandContext } from "../context.ts";

/** `octet inspect MODEL`: what a model file is made of, without running it. */
export function addInspect(program: Command, context: CommandContext): void {
  program
    .command("inspect")
    .description("What a model takes, gives, weighs and computes in")
    .argument("<model>", "path of an ONNX model, or `default`")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (model: string) => {
        const { runInspect } = await import("../inspect/run-inspect.ts");
        return runInspect(context, model);
      }),
    );
}
