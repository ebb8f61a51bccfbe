#!/bin/sh
# Helm 4 keeps to itself what a post-renderer says on stderr, an error's line included (helm v4.3,
# internal/plugin/runtime_subprocess.go). So it goes to Helm's own stderr, to the terminal, or to a log: the first of
# these that can be opened and keeps what is written.
helm=/proc/$PPID

# Opened anew, a file has an offset of its own: with `2>file` Helm would write over our lines, with `2>>file` it does not.
is_overwritten() {
  [ -f "$helm/fd/2" ] || return 1
  while read -r name value; do
    # Octal, and 2000 is O_APPEND: proc_pid_fdinfo(5), open(2).
    case $name$value in flags:*[2367]???) return 1 ;; esac
  done <"$helm/fdinfo/2"
}

helm_errors=$helm/fd/2
if is_overwritten; then helm_errors=/dev/tty; fi
# Helm hands its own setting on only where there is one.
cache=${HELM_CACHE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/helm}
mkdir -p "$cache"
for errors in "$helm_errors" /dev/tty "$cache/native-sidecar.log"; do
  if (: >>"$errors") 2>/dev/null; then exec 2>>"$errors" && break; fi
done
exec native-sidecar fix - "$@"
