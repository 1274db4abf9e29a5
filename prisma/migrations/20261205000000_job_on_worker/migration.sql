ALTER TABLE "job" ADD COLUMN "on_worker_id" TEXT;
ALTER TABLE "job" ADD CONSTRAINT "job_on_worker_id_fkey" FOREIGN KEY ("on_worker_id") REFERENCES "worker"("id") ON DELETE SET NULL ON UPDATE CASCADE;
