#!/bin/sh
# Prepares the answer file and becomes dockur's own entry point.
#
# tini is process 1. By exec this process turns into dockur's script, so a SIGTERM from `docker stop` goes from tini straight
# to dockur's trap: it presses the power button (ACPI), waits up to 105 s for Windows, and writes windows.boot when QEMU
# has ended (dockur/windows 6.05, src/power.sh). A wrapper that stayed in between would have to do all that again.
#
# Exit code 84 is dockur's own for an answer file that cannot be used. WAA_ENTRY_ROOT is for tests.
set -eu

root=${WAA_ENTRY_ROOT:-}
template=$root/opt/waa/answer.xml
answer=$root/custom.xml
MARK='waa-auto answer file'

refuse() {
    printf '\033[1;31m❯ ERROR: %s\033[0m\n' "$1" >&2
    exit 84
}

# need_size NAME VALUE SMALLEST
need_size() {
    case $2 in
    '' | *[!0-9]* | ??????*) refuse "The $1 variable is not a number of pixels: $2" ;;
    esac
    [ "$2" -ge "$3" ] || refuse "The $1 variable must be at least $3, but is $2"
}

# Somebody's own answer file, or the directory that Docker makes of a missing one, is dockur's business.
is_theirs() {
    [ -d "$answer" ] || { [ -s "$answer" ] && ! grep -qF "$MARK" "$answer"; }
}

if ! is_theirs; then
    case ${VERSION:-11e} in
    11e | win11x64-enterprise-eval) ;;
    *) refuse "VERSION=$VERSION needs an answer file of its own at /custom.xml: this image's is for 11e" ;;
    esac
    width=${WIDTH:-1440}
    height=${HEIGHT:-900}
    need_size WIDTH "$width" 640
    need_size HEIGHT "$height" 480
    [ -s "$template" ] || refuse "The image is incomplete: $template is missing"
    sed -e "s/@WIDTH@/$width/g" -e "s/@HEIGHT@/$height/g" "$template" >"$answer.new"
    mv -f "$answer.new" "$answer"
fi

exec "$root/run/entry.sh" "$@"
