import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { Pool } from "pg";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";

interface EngineModule {
  SchemaEngine: {
    new: (options: { datamodels?: [string, string][] }, onLog: (log: string) => void, adapter: object) => Promise<SchemaEngine>;
  };
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

let loaded: Promise<EngineModule> | undefined;

/**
 * Prisma's own schema engine, compiled to WebAssembly: it needs no download, where `prisma migrate` fetches a binary.
 * The package's entry imports the .wasm as a module, which Node 20 cannot: it is instantiated by hand.
 */
async function loadEngine(): Promise<EngineModule> {
  const name = "@prisma/schema-engine-wasm/schema_engine_bg";
  const background = (await import(name)) as unknown as EngineModule;
  const wasm = createRequire(import.meta.url)
    .resolve(name)
    .replace(/\.js$/, ".wasm");
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {
    "./schema_engine_bg.js": background as unknown as WebAssembly.ModuleImports,
  });
  background.__wbg_set_wasm(instance.exports);
  (instance.exports["__wbindgen_start"] as () => void)();
  return background;
}

/** Runs `work` with an engine on the database at `url`. */
export async function withSchemaEngine<T>(
  url: string,
  datamodels: [string, string][] | undefined,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  loaded ??= loadEngine();
  const { SchemaEngine: engineClass } = await loaded;
  // The engine holds an advisory lock on its connection, which only the end of the connection gives back.
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 10_000 });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await engineClass.new(datamodels ? { datamodels } : {}, () => {}, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}
