-- Which classes of objects a camera reports. Where none is named, all that its model knows.
ALTER TABLE "camera" ADD COLUMN "classes" TEXT[] DEFAULT ARRAY[]::TEXT[];
