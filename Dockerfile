# The program on a Node base. It needs no shell, writes nothing, opens no connection:
#
#   docker build -t native-sidecar .
#   docker run --rm -i --read-only --network none native-sidecar < resource-list.yaml
#
# Both bases are build arguments, for mirrors and for organisations with images of their own. The final one needs a
# `node` (20.19 or newer) in its PATH and nothing else. node:20-slim is the default because every registry mirror has
# it and it gets the distribution's fixes; a smaller base without a shell works as well.
ARG BUILD_IMAGE=node:20-slim
ARG BASE_IMAGE=node:20-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No scripts: there is nothing to build yet.
RUN npm ci --ignore-scripts
COPY build.mjs ./
COPY fn fn
COPY docs docs
COPY src src
COPY examples/quick-start/resource-list.yaml ./
RUN node build.mjs --image
# What a run of the function compiles is kept, see fn/start-with-code-cache.cjs. The program as one file is in the PATH too, for images
# and jobs that are built on this one.
RUN WRITE_CODE_CACHE=1 node dist/image/start.cjs <resource-list.yaml >/dev/null \
  && mkdir -p /out/usr/local/bin && cp -R dist/image /out/native-sidecar && cp dist/native-sidecar.mjs /out/ \
  && chmod -R a+rX /out && ln -s /native-sidecar.mjs /out/usr/local/bin/native-sidecar

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="native-sidecar" \
      org.opencontainers.image.description="Strips obsolete Istio sidecar workarounds, opts workloads out, renders injected Pod templates offline." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/ /
# nobody, by number: Kubernetes' runAsNonRoot cannot judge a name.
USER 65534:65534
ENTRYPOINT ["node", "/native-sidecar/start.cjs"]
