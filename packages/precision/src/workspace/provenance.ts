import { hostname } from "node:os";
import type { Provenance } from "./profile-file.ts";

export const provenanceNow = (tool: string): Provenance => ({ at: new Date(), host: hostname(), tool });
