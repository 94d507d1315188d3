#!/bin/sh
# Stands in for the docker command on a machine without containers: the "container" is this machine. STANDIN is a folder
# with `identity` (what inspect says), `client/` (its /client) and `bin/` (its programs).
set -eu
case $1 in
inspect) cat "$STANDIN/identity" ;;
exec)
    shift
    env_file=''
    while :; do
        case $1 in
        -i) shift ;;
        -w)
            cd "$STANDIN$2"
            shift 2
            ;;
        --env-file)
            env_file=$2
            shift 2
            ;;
        *) break ;;
        esac
    done
    shift
    if [ -n "$env_file" ]; then
        while IFS= read -r line; do export "${line?}"; done <"$env_file"
    fi
    PATH="$STANDIN/bin:$PATH" exec "$@"
    ;;
cp) cp -R "${2#*:}" "$3" ;;
esac
