import PgBossModule from "pg-boss";

/** pg-boss is CommonJS: its class is the default export. */
export const PgBoss = PgBossModule;
