-- How late each frame came to its worker; 0 for those from before this was told apart.
ALTER TABLE "detection" ADD COLUMN "network_ms" REAL NOT NULL DEFAULT 0;
