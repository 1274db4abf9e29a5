import path from "node:path";
import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const config: NextConfig = {
  transpilePackages: ["@octet/shared", "@octet/db"],
  serverExternalPackages: ["pg", "@prisma/adapter-pg", "@prisma/client", "pino", "prom-client", "better-auth"],
  // The clone is the root, whatever lock files lie in the folders above it.
  turbopack: { root: path.resolve(fileURLToPath(new URL("../..", import.meta.url))) },
  // `npm run typecheck` and `npm test` check types; a build for a start need not do it again.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "Referrer-Policy", value: "same-origin" },
      ],
    },
    // A quantisation report is shown inside its profile's page: artifacts say by their own policy who may frame them.
    { source: "/((?!api/artifacts/).*)", headers: [{ key: "X-Frame-Options", value: "DENY" }] },
  ],
};

export default config;
