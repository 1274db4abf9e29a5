# A worker for hosts with NVIDIA GPUs. From the root of the repository, where the builder reaches NuGet's feed:
#   docker build -f docker/worker-nvidia.Dockerfile -t octet-worker-nvidia:0.1.0 .
# Nobody has built this image yet (docs/deployment.md says what that leaves open; docs/gpu.md what has run on a GPU). x64 only: ONNX Runtime's package has CUDA for no other.

# ONNX Runtime's npm package asks for CUDA 12, its CUDA provider for cuDNN 9: this base has both. Of 12.x any minor version will do.
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04

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
# The CUDA and TensorRT providers are not in the npm package: its install script, run by name, puts them beside its library.
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js \
  && ls node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so
COPY scripts scripts
RUN node --import tsx scripts/deploy/image-modules.ts worker /out

FROM ${CUDA_IMAGE}
WORKDIR /app
# TensorRT is 2 GB and needed for OCTET_PROVIDER=tensorrt alone: named as a build argument (10.9.0.34-1+cuda12.8, say) it is
# installed from the repository that the base has set up; empty, it is left out.
ARG TENSORRT_VERSION=
RUN if [ -n "$TENSORRT_VERSION" ]; then \
    apt-get update \
    && apt-get install -y --no-install-recommends \
      "libnvinfer10=$TENSORRT_VERSION" "libnvinfer-plugin10=$TENSORRT_VERSION" "libnvonnxparsers10=$TENSORRT_VERSION" \
    && rm -rf /var/lib/apt/lists/*; \
  fi \
  && mkdir -p /data && chown 1000:1000 /data
COPY --from=node:20.20.2-bookworm-slim /usr/local/bin/node /usr/local/bin/node
# `video` brings NVDEC's library into the container, `utility` nvidia-smi, by which the worker finds GPUs.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility,video
ENV NODE_ENV=production OCTET_HOME=/data OCTET_PROVIDER=cuda UV_THREADPOOL_SIZE=128 CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_CACHE_PATH=/data/cache/cuda
COPY package.json tsconfig.json tsconfig.base.json ./
COPY --from=build /out/ ./
# A CUDA of another major version than the providers were built for fails the build here, and not the first camera: then name
# another CUDA_IMAGE. libcuda.so.1 is the driver's, which only a running container has; cuDNN is opened late, so that ldd says nothing of it.
RUN for name in cuda ${TENSORRT_VERSION:+tensorrt}; do \
    missing=$(ldd "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_$name.so" | grep "not found" | grep -v libcuda.so.1 || true); \
    if [ -n "$missing" ]; then echo "the $name provider lacks: $missing"; exit 1; fi; \
  done \
  && ldconfig -p | grep libcudnn.so.9
COPY packages/inference packages/inference
COPY packages/media packages/media
COPY packages/onnx packages/onnx
COPY packages/pipeline packages/pipeline
COPY packages/precision packages/precision
COPY packages/quantize packages/quantize
COPY packages/shared packages/shared
COPY packages/vision packages/vision
COPY apps/worker apps/worker
USER 1000:1000
CMD ["node", "--import", "tsx", "apps/worker/src/main.ts"]
