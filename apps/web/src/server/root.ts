import { acceptanceRouter } from "../features/acceptance/router.ts";
import { alarmsRouter } from "../features/alarms/router.ts";
import { auditRouter } from "../features/audit/router.ts";
import { camerasRouter } from "../features/cameras/router.ts";
import { datasetsRouter } from "../features/datasets/router.ts";
import { detectionsRouter } from "../features/detections/router.ts";
import { jobsRouter } from "../features/jobs/router.ts";
import { modelsRouter } from "../features/models/router.ts";
import { peopleRouter } from "../features/people/router.ts";
import { plannerRouter } from "../features/planner/router.ts";
import { profilesRouter } from "../features/profiles/router.ts";
import { shadowsRouter } from "../features/shadows/router.ts";
import { siteRouter } from "../features/site/router.ts";
import { tokensRouter } from "../features/tokens/router.ts";
import { workersRouter } from "../features/workers/router.ts";
import { router } from "./trpc.ts";

export const appRouter = router({
  acceptance: acceptanceRouter,
  alarms: alarmsRouter,
  audit: auditRouter,
  cameras: camerasRouter,
  datasets: datasetsRouter,
  detections: detectionsRouter,
  jobs: jobsRouter,
  models: modelsRouter,
  people: peopleRouter,
  planner: plannerRouter,
  profiles: profilesRouter,
  shadows: shadowsRouter,
  site: siteRouter,
  tokens: tokensRouter,
  workers: workersRouter,
});
export type AppRouter = typeof appRouter;
