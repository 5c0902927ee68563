# shellcheck shell=bash
# One child at a time, and nothing of it left when this script ends, however it ends. Sourced by run.

child=
work=
trap end_all EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
work=$(mktemp -d "$cache/work.$$.XXXXXX")

# A second signal does not end the end.
end_all() {
  trap '' HUP INT TERM
  end_child
  [ -z "$work" ] || rm -rf --one-file-system "$work"
}

# start COMMAND...: sets $child. It has a process group of its own, so that it and all it starts can be ended together.
start() {
  set -m
  child=starting
  "$@" </dev/null &
  child=$!
  set +m
}

# guarded COMMAND...: a shell that is in `wait` hears signals, one that runs a command hears them when that has ended.
guarded() {
  local code=0
  start "$@"
  wait "$child" || code=$?
  child=
  return $code
}

running() { kill -0 "$child" 2>/dev/null; }

# Asks the child to end, and after ten seconds makes it.
end_child() {
  # A signal may come just after the start.
  [ "$child" != starting ] || child=${!-}
  [ -n "$child" ] || return 0
  local tries=0
  kill -TERM -- "-$child" 2>/dev/null || true
  while kill -0 -- "-$child" 2>/dev/null && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL -- "-$child" 2>/dev/null || true
  wait "$child" 2>/dev/null || true
  child=
}
