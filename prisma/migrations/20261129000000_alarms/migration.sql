-- What was raised, cleared and acknowledged, by whom.
CREATE TABLE "alarm" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "subject_name" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "hint" TEXT,
    "open_key" TEXT,
    "raised_at" TIMESTAMPTZ(3) NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,

    CONSTRAINT "alarm_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "alarm_open_key_key" ON "alarm"("open_key");

CREATE INDEX "alarm_cleared_at_idx" ON "alarm"("cleared_at");
