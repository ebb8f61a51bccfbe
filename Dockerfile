# One file on a Node base. It needs no shell, writes nothing, opens no connection:
#
#   docker build -t native-sidecar .
#   docker run --rm -i --read-only --network none native-sidecar < resource-list.yaml
#
# Both bases are build arguments, for mirrors and for organisations with images of their own. The final one needs a
# `node` (20.12 or newer) in its PATH and nothing else. node:20-slim is the default because every registry mirror has
# it and it gets the distribution's fixes; a smaller base without a shell works as well.
ARG BUILD_IMAGE=node:20-slim
ARG BASE_IMAGE=node:20-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY build.mjs ./
COPY fn fn
COPY docs docs
COPY src src
RUN npm run build

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="native-sidecar" \
      org.opencontainers.image.description="Strips obsolete Istio sidecar workarounds, opts workloads out, renders injected Pod templates offline." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /src/dist/native-sidecar.mjs /native-sidecar.mjs
# nobody, by number: Kubernetes' runAsNonRoot cannot judge a name.
USER 65534:65534
ENTRYPOINT ["node", "/native-sidecar.mjs"]
