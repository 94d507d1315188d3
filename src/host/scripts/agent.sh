#!/bin/sh
# The user's own agent on the worker.
#
#   agent.sh has DATA SHA256             {"there":bool}
#   agent.sh put DATA SHA256 < tar.gz    unpacks the gzipped tar to DATA/waa/agents/SHA256; the hash is the plain tar's
#   agent.sh launcher                    prints the Python program that task.sh runs instead of run.py
#
# Reasons it fails with: failed, wrong-hash, usage (exit code 64).
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
umask 077
need 1 "$@"

# run.py knows only the agents it was written with (WindowsAgentArena at 6d39ed8: NaviAgent, made with server="oai"
# whatever the keys). The launcher puts another class in NaviAgent's place and runs run.py unchanged.
launcher() {
  cat <<'PYTHON'
import importlib.util
import inspect
import os
import runpy
import sys
import traceback

here = os.path.dirname(os.path.abspath(__file__))
directory = os.path.join(here, "agent")
sys.path[0] = os.getcwd()
sys.argv[0] = "run.py"
azure = bool(os.environ.get("AZURE_API_KEY")) and not os.environ.get("OPENAI_API_KEY")


def give_up():
    print("waa: the agent could not be loaded", flush=True)
    traceback.print_exc()
    sys.exit(3)


def load():
    path = os.path.join(directory, "agent.py")
    spec = importlib.util.spec_from_file_location("waa_agent", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["waa_agent"] = module
    sys.path.insert(1, directory)
    spec.loader.exec_module(module)
    for name in ("predict", "reset"):
        if not callable(getattr(module.Agent, name, None)):
            raise TypeError("class Agent of agent.py has no method " + name)
    with open(os.path.join(here, "agent-sha256")) as file:
        print("waa: agent " + file.read().strip(), flush=True)
    return module.Agent


import mm_agents.navi.agent as navi

made = navi.NaviAgent
if os.path.isdir(directory):
    try:
        made = load()
    except BaseException:
        give_up()


def make(**settings):
    if azure:
        settings["server"] = "azure"
    try:
        parameters = inspect.signature(made).parameters.values()
        takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters)
        names = {one.name for one in parameters}
        agent = made(**{k: v for k, v in settings.items() if takes_all or k in names})
        if not hasattr(agent, "action_space"):
            agent.action_space = "code_block"
        return agent
    except BaseException:
        give_up()


navi.NaviAgent = make
runpy.run_path("run.py", run_name="__main__")
PYTHON
}

if [ "$1" = launcher ]; then
  launcher
  exit 0
fi
need 3 "$@"
command=$1 data=$2 sha=$3
case $data in /*) ;; *) fail usage "DATA is not an absolute path: $data" 64 ;; esac
case $sha in *[!0-9a-f]* | '') fail usage "not a hash: $sha" 64 ;; esac
place=$data/waa/agents/$sha

case $command in
has) ;;
put)
  mkdir -p "$data/waa/agents"
  new=$(mktemp -d "$data/waa/agents/.new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  gzip -dc >"$new/tar" || fail wrong-hash "the agent did not arrive whole"
  sum=$(sha256sum <"$new/tar")
  [ "${sum%% *}" = "$sha" ] || fail wrong-hash "the agent arrived as ${sum%% *}, not as $sha"
  mkdir "$new/agent"
  tar -xf "$new/tar" --no-same-owner -C "$new/agent"
  [ -d "$place" ] || mv -T "$new/agent" "$place" 2>/dev/null || [ -d "$place" ] || fail failed "cannot make $place"
  ;;
*) fail usage "unknown command: $command" 64 ;;
esac
printf '{"there":%s}\n' "$(json_bool [ -f "$place/agent.py" ])"
