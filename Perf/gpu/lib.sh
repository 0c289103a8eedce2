# Shared by the scripts of this folder: sourced, never run. Needs KIT, a folder made by ./kit.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -d "${APP:-}" ] || { echo "source KIT/env.sh first" >&2; exit 2; }
KIT=$(cd "${1:?the folder made by Perf/gpu/kit}" && pwd) || exit 2
OUT=${OUT:-$PWD/gpu-results}; mkdir -p "$OUT"
LIMIT=${LIMIT:-530}                       # seconds for the whole script
WORK=${WORK:-/tmp/codat-gpu}; mkdir -p "$WORK"
export CODAT_CACHE_DIR=${CODAT_CACHE_DIR:-$WORK/kernels}
python=${PYTHON:-python3}
# The libraries of the Python that holds PyTorch, so that both sides run the same ones.
export VIRTUAL_ENV=${VIRTUAL_ENV:-$("$python" -c 'import sys; print(sys.prefix)' 2>/dev/null)}
codat() { dotnet "$APP/codat.dll" "$@"; }
gpu() { dotnet "$APP/Codat.Native.Perf.Gpu.dll" "$@"; }
tests=$APP/Codat.Native.Tests.dll
# Machines that give little back take a table and one archive from each script.
LOGS=$WORK/logs-$(basename "$0"); mkdir -p "$LOGS"
started=$SECONDS rows=()
left() { echo $((LIMIT - (SECONDS - started))); }

# part NAME SECONDS COMMAND...: runs it under a limit, keeps its output in LOGS/NAME.log and its row for the table.
part() {
  local name=$1 limit=$2 from=$SECONDS; shift 2
  if [ "$(left)" -lt 15 ]; then rows+=("$name|not run|no time left"); return 1; fi
  [ "$limit" -le "$(left)" ] || limit=$(left)
  echo "== $name"
  # Functions are not programs: the limit is kept by a shell that has them.
  export APP python tests; export -f codat gpu
  timeout --kill-after=5 "$limit" bash -c "set -o pipefail; $*" >"$LOGS/$name.log" 2>&1
  local code=$?
  tail -n "${SHOW:-6}" "$LOGS/$name.log" | cut -c1-240
  case $code in
    0) rows+=("$name|passed|$((SECONDS - from)) s") ;;
    124 | 137) rows+=("$name|time limit|$limit s") ;;
    *) rows+=("$name|FAILED ($code)|$((SECONDS - from)) s") ;;
  esac
  return $code
}

# absent NAME WHY: a row for what could not be tried, so that nothing vanishes from the table.
absent() { rows+=("$1|NOT RUN|$2"); }

# pack NAME: the logs of all parts as one archive beside the table.
pack() { tar -C "$LOGS" -czf "$OUT/$1-logs.tar.gz" .; }

summary() {
  echo; printf '%-28s %-14s %s\n' part result time
  local row; for row in "${rows[@]}"; do IFS='|' read -r a b c <<<"$row"; printf '%-28s %-14s %s\n' "$a" "$b" "$c"; done
}
