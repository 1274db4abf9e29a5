-- Attempts only grow, so that a lost run's late result is never taken for a newer one's: how many are left is a column of its own.
ALTER TABLE "job" ADD COLUMN "give_up_after" INTEGER NOT NULL DEFAULT 3;
