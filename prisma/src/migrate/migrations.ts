import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { MigrationList } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { withSchemaEngine } from "./engine.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const noFilters = { externalTables: [], externalEnums: [] };

async function schemaFiles(): Promise<{ path: string; content: string }[]> {
  const folder = path.join(root, "schema");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".prisma")).sort();
  return Promise.all(
    names.map(async (name) => ({ path: path.join(folder, name), content: await readFile(path.join(folder, name), "utf8") })),
  );
}

async function migrationList(): Promise<MigrationList> {
  const baseDir = path.join(root, "migrations");
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir,
    lockfile: { path: "./migration_lock.toml", content: await readFile(path.join(baseDir, "migration_lock.toml"), "utf8") },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok" as const, value: await readFile(path.join(baseDir, name, "migration.sql"), "utf8") },
        },
      })),
    ),
  };
}

/** Applies the migrations that the database has not seen. Returns their names. Throws where one fails or was edited. */
export async function applyMigrations(url: string): Promise<string[]> {
  const migrationsList = await migrationList();
  return withSchemaEngine(
    url,
    undefined,
    async (engine) => (await engine.applyMigrations({ migrationsList, filters: noFilters })).appliedMigrationNames,
  );
}

/**
 * SQL that makes the schema files' tables in an empty database: the first draft of a migration, and what the
 * drift test compares the migrations with. (The engine cannot read a live Postgres through this adapter: it
 * fails on the catalogue's "char" columns.)
 */
export async function schemaSql(url: string): Promise<string> {
  const files = await schemaFiles();
  return withSchemaEngine(url, undefined, async (engine) => {
    const result = await engine.diff({
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: null,
      filters: noFilters,
    });
    return result.stdout ?? "";
  });
}
