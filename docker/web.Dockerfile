# The dashboard, its API and the gateway: one process on port 3000. Build it from the root of the repository:
#   docker build -f docker/web.Dockerfile -t octet-web:0.1.0 .
# The same image applies the migrations: docker run … octet-web:0.1.0 node --import tsx scripts/deploy/migrate.ts

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
# Every workspace is named in the lock file: without its package.json `npm ci` refuses. Apart from the sources, so that
# a change of those installs nothing anew.
COPY package.json package-lock.json .npmrc ./
COPY apps/cli/package.json apps/cli/
COPY apps/web/package.json apps/web/
COPY apps/worker/package.json apps/worker/
COPY packages/demo/package.json packages/demo/
COPY packages/inference/package.json packages/inference/
COPY packages/media/package.json packages/media/
COPY packages/onnx/package.json packages/onnx/
COPY packages/pipeline/package.json packages/pipeline/
COPY packages/precision/package.json packages/precision/
COPY packages/quantize/package.json packages/quantize/
COPY packages/shared/package.json packages/shared/
COPY packages/testing/package.json packages/testing/
COPY packages/vision/package.json packages/vision/
COPY prisma/package.json prisma/
COPY e2e/package.json e2e/
COPY benchmarks/package.json benchmarks/
# Install scripts stay off, as everywhere here: they download, and nothing needs them.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts scripts
RUN node --import tsx scripts/deploy/image-modules.ts web /out
COPY tsconfig.json tsconfig.base.json ./
COPY prisma prisma
RUN node scripts/generate.mjs
COPY packages/shared packages/shared
COPY apps/web apps/web
# The cache is for the next build in the same folder, and here there is none; empty, it is where a writable folder may be mounted.
RUN NODE_ENV=production node node_modules/next/dist/bin/next build apps/web \
  && rm -rf apps/web/.next/cache && mkdir apps/web/.next/cache

FROM node:20.20.2-bookworm-slim
WORKDIR /app
# npm and yarn came with the base: nothing is installed here any more.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-v* \
  && mkdir -p /data && chown 1000:1000 /data
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 HOST=0.0.0.0 PORT=3000 OCTET_HOME=/data
COPY --from=build /out/ ./
COPY package.json tsconfig.json tsconfig.base.json ./
COPY scripts/deploy scripts/deploy
COPY packages/shared packages/shared
COPY --from=build /app/prisma prisma
COPY --from=build /app/apps/web apps/web
# By number, so that Kubernetes can see that it is not root. Only /data and /tmp are written to.
USER 1000:1000
EXPOSE 3000
# Unhealthy where Postgres is away. Docker only shows it; something that restarts unhealthy containers would help nobody.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/api/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "tsx", "apps/web/server.ts"]
