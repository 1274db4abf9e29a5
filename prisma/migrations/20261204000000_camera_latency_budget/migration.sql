ALTER TABLE "camera" ADD COLUMN "latency_budget_ms" INTEGER;
