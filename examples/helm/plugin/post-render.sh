#!/bin/sh
# Helm 4 keeps to itself what a post-renderer says on stderr, an error's line included (helm v4.3,
# internal/plugin/runtime_subprocess.go). So it goes to Helm's own stderr, or to the terminal, where that can be opened.
for errors in "/proc/$PPID/fd/2" /dev/tty; do
  if (: 2>>"$errors") 2>/dev/null; then exec 2>>"$errors" && break; fi
done
exec native-sidecar fix - "$@"
