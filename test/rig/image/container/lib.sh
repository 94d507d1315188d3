# Output and status page of dockur, sourced by entry.sh.
# shellcheck shell=bash disable=SC2034,SC2154 # one program in several files: variables go from one to another
esc=$(printf '\033')

plain() { printf '%s\n' "$1"; }
info() { printf '%s\n' "${esc}[1;34m❯ ${esc}[1;36m$1${esc}[0m"; }
error() { printf '%s\n' "${esc}[1;31m❯ ERROR: $1${esc}[0m" >&2; }
warn() { printf '%s\n' "${esc}[1;31m❯ Warning: $1${esc}[0m" >&2; }

# die CODE TEXT...
die() {
  code=$1
  shift
  for text in "$@"; do error "$text"; done
  exit "$code"
}

is5() { case $dialect in 5.*) return 0 ;; *) return 1 ;; esac; }

# show TEXT - the fragment that the page on port 8006 asks for every second.
show() {
  printf '<p class="loading">%s</p>\n' "$1" >/run/shm/msg.new
  mv /run/shm/msg.new /run/shm/msg.html
}

# Preparation is over: msg.html is gone, / shows the screen.
page_over() { rm -f /run/shm/msg.html /run/shm/index.html; }

web_up() {
  printf '<!doctype html><title>Windows</title><div id="info"></div>\n' >/run/shm/index.html
  ln -sf /run/shm/msg.html /run/web/msg.html
  ln -sf /run/shm/index.html /run/web/index.html
  busybox httpd -p 8006 -h /run/web
}
