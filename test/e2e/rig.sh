# Sourced by the scripts of this folder: a folder of the script's own, the processes that it starts, and what a step is checked with.
# `$root` is the project, `$work` the folder; `fail` and the end of the script take everything away.
set -euo pipefail
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
# Settings and schemas of whoever runs this stay out of it.
unset "${!OS_@}"
export HOME=$work
running=()
cleanup() {
  local jobs
  mapfile -t jobs < <(jobs -p)
  if [ ${#jobs[@]} -gt 0 ]; then
    kill "${jobs[@]}" 2>/dev/null || true
    wait "${jobs[@]}" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
fail() {
  echo "FAILED: $*" >&2
  tail -n 20 "$work"/*.log >&2
  exit 1
}

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
await() {
  for _ in $(seq 200); do
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
    kill -0 "${running[-1]}" 2>/dev/null || fail "nothing listens on port $1"
    sleep 0.1
  done
  fail "nothing listens on port $1"
}
# start NAME PORT: a server with a database of its own; its further options are read from the standard input.
start() {
  local name=$1 port=$2
  {
    printf '%s\n' '[DEFAULT]' 'bind_host = 127.0.0.1' "bind_port = $port" 'workers = 0' \
      '[database]' "connection = sqlite:///$work/$name.sqlite" '[glimpse]' 'auto_migrate = True'
    cat
  } > "$work/$name.conf"
  node "$root/dist/src/cli/glance-api.js" --config-file "$work/$name.conf" > "$work/$name.log" 2>&1 &
  running+=($!)
  await "$port"
}

# Clients take what they find on the standard input for the image's data, unless it is a terminal: /dev/ptmx is one.
# The name is taken before the redirection: there, $BASHPID is already the client's own.
run() {
  local errors=$work/stderr.$BASHPID
  "$@" 2> "$errors" || { cat "$errors" >&2; return 1; }
}
# The value of one row of glance's table.
field() { sed -n "s/^| *$1 *| \(.*[^ ]\) *|\$/\1/p"; }
same() { [ "$1" = "$2" ] || fail "$3: got <$1>, expected <$2>"; }
refused() { if "$@" > "$work/stdout.$BASHPID" 2>&1; then fail "$* was not refused"; fi; }
