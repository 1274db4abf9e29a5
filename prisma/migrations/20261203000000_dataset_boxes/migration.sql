-- Where the objects of a data set's image are, to be drawn. Versions that are there already show none.
ALTER TABLE "dataset_image" ADD COLUMN "boxes" SMALLINT[], ADD COLUMN "box_classes" SMALLINT[];
