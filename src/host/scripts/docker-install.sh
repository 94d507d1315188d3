#!/bin/sh
# docker-install.sh DATA_ROOT USER - Docker is installed, keeps its data at DATA_ROOT, runs, and USER may use it.
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need 2 "$@"
data_root=$1
user=$2
config=/etc/docker/daemon.json

# First boots run unattended-upgrades, which holds dpkg's lock for minutes: wait for it instead of failing.
apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=5 -y -q "$@" >&2
}

install_package() {
  has apt-get || fail no-apt 'Docker is missing and this is no Debian or Ubuntu; install Docker by hand'
  if ! apt update || ! apt install docker.io; then
    apt --fix-broken install || true
    apt install docker.io || fail apt-failed 'apt-get could not install docker.io'
  fi
}

# Only our key is touched; what else stands in daemon.json stays.
write_config() {
  wanted=$(json_string "$data_root")
  if [ ! -s "$config" ]; then
    mkdir -p /etc/docker
    printf '{\n  "data-root": %s\n}\n' "$wanted" >"$config.waa"
  elif has python3; then
    DATA_ROOT=$data_root python3 - "$config" >"$config.waa" <<'PYTHON' || fail daemon-json-invalid "$config is not valid JSON"
import json, os, sys

with open(sys.argv[1], encoding="utf-8") as file:
    settings = json.load(file)
settings["data-root"] = os.environ["DATA_ROOT"]
print(json.dumps(settings, indent=2))
PYTHON
  elif grep -qF -- "\"data-root\": $wanted" "$config"; then
    return 1
  else
    fail daemon-json-foreign "$config has other settings and python3 is missing to merge ours in"
  fi
  if [ -e "$config" ] && cmp -s "$config" "$config.waa"; then
    rm -f "$config.waa"
    return 1
  fi
  chmod 0644 "$config.waa"
  mv "$config.waa" "$config"
}

service_do() {
  if [ -d /run/systemd/system ]; then systemctl "$1" docker.service >&2; else service docker "$1" >&2; fi
}

mkdir -p -- "$data_root"
# Written before the package comes: its post-install script starts the daemon.
changed=no
if write_config; then changed=yes; fi
if ! has dockerd; then
  install_package
  changed=no
fi
if [ -d /run/systemd/system ]; then systemctl enable --quiet docker.service >&2; fi
if [ "$changed" = yes ] && version=$(docker_version) && [ -n "$version" ]; then service_do restart || true; fi
waited=0
until version=$(docker_version) && [ -n "$version" ]; do
  [ "$waited" -lt 60 ] || fail daemon-down 'the Docker daemon does not answer 60 s after its start'
  if [ $((waited % 20)) -eq 0 ]; then service_do start || true; fi
  sleep 2
  waited=$((waited + 2))
done
used=$(docker info --format '{{.DockerRootDir}}')
[ "$used" = "$(readlink -f "$data_root")" ] || [ "$used" = "$data_root" ] ||
  fail wrong-data-root "Docker keeps its data at $used, not at $data_root"
let_in "$user"
printf '{"version":%s,"dataRoot":%s}\n' "$(json_string "$version")" "$(json_string "$used")"
