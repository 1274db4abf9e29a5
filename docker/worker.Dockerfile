# A worker that decodes and infers on the CPU, and (target `demo`) the demo's RTSP cameras. From the root of the repository:
#   docker build -f docker/worker.Dockerfile -t octet-worker:0.1.0 .
#   docker build -f docker/worker.Dockerfile --target demo -t octet-demo:0.1.0 .

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
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
RUN node --import tsx scripts/deploy/image-modules.ts worker /out/worker \
  && node --import tsx scripts/deploy/image-modules.ts demo /out/demo

FROM node:20.20.2-bookworm-slim AS base
WORKDIR /app
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-v* \
  && mkdir -p /data && chown 1000:1000 /data
# libuv's pool cannot grow later: one thread for each camera that may stall, and some to spare.
ENV NODE_ENV=production OCTET_HOME=/data UV_THREADPOOL_SIZE=128
COPY package.json tsconfig.json tsconfig.base.json ./
USER 1000:1000

FROM base AS demo
COPY --from=build /out/demo/ ./
COPY packages/shared packages/shared
COPY packages/media packages/media
COPY packages/demo packages/demo
COPY scripts/lib scripts/lib
COPY scripts/deploy scripts/deploy
EXPOSE 8554
CMD ["node", "--import", "tsx", "scripts/deploy/demo-cameras.ts"]

# The last stage is what is built without --target. No port of its own and no health check: a worker calls. Where OCTET_METRICS_PORT is
# set, whoever runs it asks /healthz there.
FROM base AS worker
COPY --from=build /out/worker/ ./
COPY packages/inference packages/inference
COPY packages/media packages/media
COPY packages/onnx packages/onnx
COPY packages/pipeline packages/pipeline
COPY packages/precision packages/precision
COPY packages/quantize packages/quantize
COPY packages/shared packages/shared
COPY packages/vision packages/vision
COPY apps/worker apps/worker
CMD ["node", "--import", "tsx", "apps/worker/src/main.ts"]
