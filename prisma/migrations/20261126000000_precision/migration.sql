-- CreateTable
CREATE TABLE "artifact" (
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifact_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "detector_model" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "family" TEXT NOT NULL,
    "input_width" INTEGER NOT NULL,
    "input_height" INTEGER NOT NULL,
    "max_batch" INTEGER,
    "classes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "precision" TEXT NOT NULL,
    "licence" JSONB NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "detector_model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "title" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "input_hash" TEXT NOT NULL,
    "subject_id" UUID,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "worker_id" TEXT,
    "percent" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "stage" TEXT NOT NULL DEFAULT '',
    "rate_per_second" DOUBLE PRECISION,
    "seconds_left" DOUBLE PRECISION,
    "result" JSONB,
    "error" JSONB,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_log" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "text" TEXT NOT NULL,

    CONSTRAINT "job_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_version" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "layout" TEXT NOT NULL,
    "manifest_sha256" TEXT NOT NULL,
    "manifest_bytes" BIGINT NOT NULL,
    "image_count" INTEGER NOT NULL,
    "label_count" INTEGER NOT NULL DEFAULT 0,
    "pseudo_labels" BOOLEAN NOT NULL DEFAULT false,
    "origin" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_image" (
    "version_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "camera_id" UUID,
    "captured_at" TIMESTAMPTZ(3),
    "brightness" REAL NOT NULL,
    "dhash" TEXT NOT NULL,
    "faces" INTEGER,
    "face_sizes" REAL[],

    CONSTRAINT "dataset_image_pkey" PRIMARY KEY ("version_id","path")
);

-- CreateTable
CREATE TABLE "profile" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "model_id" UUID NOT NULL,
    "precision" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "reason" TEXT,
    "options" JSONB NOT NULL,
    "calibration_version" UUID,
    "sha256" TEXT,
    "size_bytes" BIGINT,
    "report_sha256" TEXT,
    "report_page_sha256" TEXT,
    "summary" JSONB,
    "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tool" TEXT,
    "build_job_id" UUID,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "profile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proof" (
    "id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "job_id" UUID NOT NULL,
    "against" JSONB NOT NULL,
    "result" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "proof_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "promotion" (
    "id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "scope_value" TEXT NOT NULL DEFAULT '',
    "share" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "replaces_id" UUID,
    "overridden" TEXT,
    "created_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "promotion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "who" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "detector_model_name_key" ON "detector_model"("name");

-- CreateIndex
CREATE UNIQUE INDEX "detector_model_sha256_key" ON "detector_model"("sha256");

-- CreateIndex
CREATE INDEX "job_state_created_at_idx" ON "job"("state", "created_at");

-- CreateIndex
CREATE INDEX "job_subject_id_idx" ON "job"("subject_id");

-- CreateIndex
CREATE INDEX "job_log_job_id_id_idx" ON "job_log"("job_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_name_key" ON "dataset"("name");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_version_dataset_id_version_key" ON "dataset_version"("dataset_id", "version");

-- CreateIndex
CREATE INDEX "dataset_image_sha256_idx" ON "dataset_image"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "profile_name_key" ON "profile"("name");

-- CreateIndex
CREATE UNIQUE INDEX "proof_job_id_key" ON "proof"("job_id");

-- CreateIndex
CREATE INDEX "proof_profile_id_kind_created_at_idx" ON "proof"("profile_id", "kind", "created_at" DESC);

-- CreateIndex
CREATE INDEX "promotion_role_scope_scope_value_ended_at_idx" ON "promotion"("role", "scope", "scope_value", "ended_at");

-- CreateIndex
CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at" DESC);

-- AddForeignKey
ALTER TABLE "job_log" ADD CONSTRAINT "job_log_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_image" ADD CONSTRAINT "dataset_image_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile" ADD CONSTRAINT "profile_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "detector_model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "proof" ADD CONSTRAINT "proof_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profile"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "promotion" ADD CONSTRAINT "promotion_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "profile"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
