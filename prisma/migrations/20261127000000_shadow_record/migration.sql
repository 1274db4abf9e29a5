-- What shadows have seen outlives the worker, and some frames on which the two models differ are kept to look at.
CREATE TABLE "shadow_run" (
    "id" UUID NOT NULL,
    "promotion_id" UUID NOT NULL,
    "camera_id" UUID NOT NULL,
    "active_model" TEXT NOT NULL,
    "counts" JSONB NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "shadow_run_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "shadow_example" (
    "id" UUID NOT NULL,
    "promotion_id" UUID NOT NULL,
    "camera_id" UUID NOT NULL,
    "captured_at" TIMESTAMPTZ(3) NOT NULL,
    "differing" INTEGER NOT NULL,
    "active" JSONB NOT NULL,
    "shadow" JSONB NOT NULL,
    "jpeg" BYTEA NOT NULL,

    CONSTRAINT "shadow_example_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "shadow_run_promotion_id_idx" ON "shadow_run"("promotion_id");

CREATE INDEX "shadow_example_promotion_id_differing_idx" ON "shadow_example"("promotion_id", "differing" DESC);

ALTER TABLE "shadow_run" ADD CONSTRAINT "shadow_run_promotion_id_fkey" FOREIGN KEY ("promotion_id") REFERENCES "promotion"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "shadow_example" ADD CONSTRAINT "shadow_example_promotion_id_fkey" FOREIGN KEY ("promotion_id") REFERENCES "promotion"("id") ON DELETE CASCADE ON UPDATE CASCADE;
