#!/usr/bin/env bash
# What CI hands to Flux: a kustomization, built and fixed, as one file in a directory of its own. Nothing is left there
# when a step fails.
#
#   prepare.sh KUSTOMIZATION OUTPUT [FLAG OF native-sidecar fix]…
set -euo pipefail

if [ $# -lt 2 ]; then
  echo "usage: prepare.sh KUSTOMIZATION OUTPUT [FLAG OF native-sidecar fix]..." >&2
  exit 2
fi
kustomization=$1 output=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kustomize build "$kustomization" | native-sidecar fix - "$@" >"$work/manifests.yaml"
mkdir -p "$output"
mv "$work/manifests.yaml" "$output/manifests.yaml"
