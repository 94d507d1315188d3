#!/bin/sh
# Hands out what a finished attempt left, and removes it once it is safe elsewhere.
#
#   collect.sh manifest DATA RUN ATTEMPT     one line a file: SHA256 SIZE PATH
#   collect.sh stream   DATA RUN ATTEMPT     the same files as a gzipped tar on standard output
#   collect.sh remove   DATA RUN ATTEMPT     deletes the attempt here and its copy in the container
#
# Only plain files are handed out: a link in a results folder could point anywhere.
# Reasons it fails with: no-attempt, not-ended, usage (exit code 64).
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_name() {
    case $2 in
    '' | *..* | [!A-Za-z0-9_]* | *[!A-Za-z0-9._-]*) fail usage "$1 is not a plain name: $2" 64 ;;
    esac
}

[ $# -eq 4 ] || fail usage 'usage: collect.sh manifest|stream|remove DATA RUN ATTEMPT' 64
command=$1 data=$2 run=$3 attempt=$4
case $data in
/*) ;;
*) fail usage "DATA is not an absolute path: $data" 64 ;;
esac
need_name RUN "$run"
need_name ATTEMPT "$attempt"
dir=$data/waa/results/$run/$attempt

plain_files() {
    find . -type f ! -name '*
*' "$@"
}

[ -d "$dir" ] || {
    [ "$command" = remove ] && exit 0
    fail no-attempt "there is no attempt $attempt of run $run"
}
[ -s "$dir/exit" ] || fail not-ended "attempt $attempt has not ended"
# Who fetches an attempt follows its run, see task.sh.
date +%s >"${dir%/*}/.watched"
cd "$dir"

case $command in
manifest)
    plain_files | LC_ALL=C sort | while IFS= read -r file; do
        sum=$(sha256sum <"$file")
        printf '%s %s %s\n' "${sum%% *}" "$(stat -c %s "$file")" "${file#./}"
    done
    ;;
stream)
    plain_files -print0 | tar --null --no-recursion -T - -czf -
    ;;
remove)
    container=
    if [ -r container-name ]; then container=$(cat container-name); fi
    cd /
    if [ -n "$container" ]; then
        timeout 30 docker exec "$container" rm -rf "/tmp/waa-attempts/$run/$attempt" >/dev/null 2>&1 || true
    fi
    rm -rf "$dir"
    ;;
*)
    fail usage "unknown command: $command" 64
    ;;
esac
