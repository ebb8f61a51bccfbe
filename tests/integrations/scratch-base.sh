#!/usr/bin/env bash
# Makes base images for the Dockerfile out of this machine's own Node, from scratch: the tests need no registry, and
# show that the image wants nothing of its base but `node` in the PATH.
#
#   scratch-base.sh run   IMAGE   node, its libraries and nobody: BASE_IMAGE
#   scratch-base.sh build IMAGE   a shell, what scripts commonly call, and npm on top: BUILD_IMAGE
#
# CONTAINER_TOOL (podman or docker, default podman) builds it.
set -euo pipefail

readonly KIND=$1 IMAGE=$2
readonly CONTAINER_TOOL=${CONTAINER_TOOL:-podman}

# Made of the same Node and npm it would be the same again, and all that is built on it comes from the cache.
version="5 $KIND $(node --version) $(npm --version 2>/dev/null)"
built=$("$CONTAINER_TOOL" image inspect --format '{{index .Config.Labels "made-of"}}' "$IMAGE" 2>/dev/null || true)
[ "$built" != "$version" ] || exit 0

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# with_libraries PROGRAM DESTINATION: a program, and the libraries where its loader looks for them
with_libraries() {
  install -D "$(readlink -f "$1")" "$root/rootfs$2"
  # "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)", and the loader itself, which has no arrow
  for library in $(ldd "$1" | grep -o '/[^ ]*'); do install -D "$(readlink -f "$library")" "$root/rootfs$library"; done
}

mkdir -p "$root/rootfs/etc"
with_libraries "$(command -v node)" /usr/bin/node
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/rootfs/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/rootfs/etc/group"
environment="PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

if [ "$KIND" = build ]; then
  with_libraries "$(command -v sh)" /bin/sh
  for tool in cat chmod cp env find ln ls mkdir mktemp mv rm; do with_libraries "$(command -v $tool)" /usr/bin/$tool; done
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$root/rootfs/usr/lib/node_modules" "$root/rootfs/tmp" "$root/rootfs/root"
  chmod 1777 "$root/rootfs/tmp"
  cp -R "$npm" "$root/rootfs/usr/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/rootfs/usr/bin/npm"
  # Behind a proxy that ends TLS, npm needs the same authority inside.
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    install -D "$NODE_EXTRA_CA_CERTS" "$root/rootfs/etc/ssl/extra-ca.pem"
    environment="$environment NODE_EXTRA_CA_CERTS=/etc/ssl/extra-ca.pem"
  fi
fi

printf 'FROM scratch\nCOPY rootfs /\nENV %s\nLABEL made-of="%s"\n' "$environment" "$version" >"$root/Dockerfile"
"$CONTAINER_TOOL" build --quiet --tag "$IMAGE" "$root" >/dev/null
