-- What an image costs a model, for plans. Models that are there already have none until they are inspected again.
ALTER TABLE "detector_model" ADD COLUMN "cost" JSONB;
