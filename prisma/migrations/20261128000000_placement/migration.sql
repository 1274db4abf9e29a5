-- Where cameras may run, which workers give theirs away, and who ran a camera when.
ALTER TABLE "camera" ADD COLUMN "placement" JSONB NOT NULL DEFAULT '{"require":[],"prefer":[],"exclude":[]}';

ALTER TABLE "worker" ADD COLUMN "draining" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "labels" TEXT[] DEFAULT ARRAY[]::TEXT[];

CREATE TABLE "camera_lease" (
    "camera_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "worker_id" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3),
    "until" TIMESTAMPTZ(3),

    CONSTRAINT "camera_lease_pkey" PRIMARY KEY ("camera_id","epoch")
);

CREATE INDEX "camera_lease_until_idx" ON "camera_lease"("until");

ALTER TABLE "camera_lease" ADD CONSTRAINT "camera_lease_camera_id_fkey" FOREIGN KEY ("camera_id") REFERENCES "camera"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Workers that run cameras now hold them since ever.
INSERT INTO "camera_lease" ("camera_id", "epoch", "worker_id", "from") SELECT "id", "epoch", "worker_id", 'epoch' FROM "camera" WHERE "worker_id" IS NOT NULL;
