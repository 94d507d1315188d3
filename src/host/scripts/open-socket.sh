#!/bin/sh
# open-socket.sh PATH USER - USER may connect to the unix socket PATH, which root's processes made. Sockets come with
# the umask applied even below a default ACL (bind(2) of Linux), so the right has to be given after they were made.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"
path=$1
user=$2

[ -S "$path" ] || fail no-socket "there is no socket at $path"
id "$user" >/dev/null 2>&1 || fail no-user "there is no user $user"
if has setfacl && setfacl -m "u:$user:rw" -- "$path" 2>/dev/null; then
  printf '{"opened":true}\n'
  exit 0
fi
# No ACLs here: the group does, which would take Docker's own socket away from its group.
case $path in */docker.sock) fail acl-missing "setfacl cannot open $path" ;; esac
chgrp -- "$(id -gn "$user")" "$path"
chmod g+rw -- "$path"
printf '{"opened":true}\n'
