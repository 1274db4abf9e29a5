// Applies the migrations that the database at DATABASE_URL has not seen, with the engine that `npm start` uses, and ends.
// Run before a new version of the web app begins; the engine's lock makes two at once harmless.
import { applyMigrations } from "@octet/db/migrate/migrations";

const url = process.env["DATABASE_URL"];
if (!url) {
  process.stderr.write("Set DATABASE_URL: postgres://user:password@host:5432/database\n");
  process.exit(2);
}
const applied = await applyMigrations(url);
process.stdout.write(applied.length > 0 ? `applied: ${applied.join(", ")}\n` : "nothing to migrate\n");
