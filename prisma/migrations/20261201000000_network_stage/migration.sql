-- How late each frame came to its worker. Frames from before this was told apart have 0.
ALTER TABLE "detection" ADD COLUMN "network_ms" REAL NOT NULL DEFAULT 0;
