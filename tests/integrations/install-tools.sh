#!/usr/bin/env bash
# Installs what `npm run test:e2e` needs and is not there yet, from ordinary registries, below ~/.cache/native-sidecar.
#
#   tests/integrations/install-tools.sh
#
# Needs go and python3 (with venv). Not installed here: kpt, and podman or docker; from their own projects, or from the
# distribution's packages.
set -euo pipefail

readonly KUSTOMIZE_VERSION=v5.8.2
readonly HELM_3_VERSION=v3.22.0
readonly HELM_4_VERSION=v4.3.1
readonly PRE_COMMIT_VERSION=4.7.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/native-sidecar
mkdir -p "$cache/bin"

# go_program NAME PACKAGE: `go install` under a name of ours; both Helms are called helm
go_program() {
  local name=$1 package=$2 place
  [ ! -x "$cache/bin/$name" ] || return 0
  place=$(mktemp -d)
  GOBIN=$place GOFLAGS='' go install "$package"
  mv "$place"/* "$cache/bin/$name" && rmdir "$place"
}

go_program kustomize "sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE_VERSION"
go_program helm3 "helm.sh/helm/v3/cmd/helm@$HELM_3_VERSION"
go_program helm4 "helm.sh/helm/v4/cmd/helm@$HELM_4_VERSION"
if [ ! -x "$cache/bin/argo-lint" ]; then (cd "$here/argo-lint" && GOFLAGS='' go build -o "$cache/bin/argo-lint" .); fi
if [ ! -x "$cache/bin/pre-commit" ]; then
  python3 -m venv "$cache/pre-commit"
  "$cache/pre-commit/bin/pip" install --quiet "pre-commit==$PRE_COMMIT_VERSION"
  ln -sf ../pre-commit/bin/pre-commit "$cache/bin/pre-commit"
fi

container_tool=${CONTAINER_TOOL:-podman}
if ! command -v "$container_tool" >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends podman runc >/dev/null
fi
# Inside a container, as CI often is, podman's defaults (systemd, crun, overlay) do not work.
if [ -n "${CI:-}" ] && [ "$(id -u)" = 0 ] && [ -d /etc/containers ]; then
  [ -e /etc/containers/containers.conf ] || cat >/etc/containers/containers.conf <<'END'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
END
  [ -e /etc/containers/storage.conf ] || cat >/etc/containers/storage.conf <<'END'
[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
END
fi

missing=""
for tool in git npm kpt "$container_tool"; do command -v "$tool" >/dev/null || missing="$missing $tool"; done
[ -z "$missing" ] || { echo "missing:$missing" >&2 && exit 1; }
