-- Whose rate is lowered last under overload, and the rate of a scene in which nothing moves.
ALTER TABLE "camera" ADD COLUMN "priority" TEXT NOT NULL DEFAULT 'normal',
ADD COLUMN "still_fps" DOUBLE PRECISION;
