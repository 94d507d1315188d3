#!/bin/sh
# Runs one WAA task in the container, detached from the connection that asked for it.
#
#   task.sh start  DATA RUN ATTEMPT CONTAINER DOMAIN TASK LIMIT_S LAUNCH [argument of run.py ...]   < NAME=value lines (secrets)
#   task.sh status DATA RUN ATTEMPT [WAIT_S]      waits for its end, at most so long
#   task.sh stop   DATA RUN ATTEMPT
#   task.sh runs DATA         which runs have attempts here or are followed
#   task.sh ready   DATA      can attempts be kept here? Changes nothing
#   task.sh prepare DATA      makes the directory for them, then as ready
#
# start returns as soon as the supervisor runs; starting an attempt that exists only reports it, so a lost answer may be
# asked for again. One Windows serves one agent: whatever else was left running in the container is stopped first. What is
# not left, because a controller of another run still asks after it, is kept, and the start is refused.
# Each prints one line of JSON. Everything of an attempt is in
# DATA/waa/results/RUN/ATTEMPT:
#   meta.json     the one task, in WAA's shape           run.log     what run.py printed
#   heartbeat     epoch seconds, every two seconds       results/    run.py's own layout
#   exit          "OUTCOME CODE EPOCH", written last     request, pid, boot-id, started, container, container-name
# DATA/waa/results/RUN/.watched: epoch seconds of the last status with WAIT_S, or of what collect.sh did, for any attempt.
# OUTCOME: finished | timeout | stopped | container-died | start-failed | lost
# LAUNCH: `-` for run.py itself, `azure` for it by the launcher of agent.sh, or the hash of an agent put there by agent.sh.
# Secrets are only ever in a file of mode 0600 on a RAM disk, removed once run.py has them.
# Reasons it fails with: at-work, failed, no-container, usage (exit code 64).
set -eu
# shellcheck source=src/host/scripts/lib.sh
. "$(dirname "$0")/lib.sh"
umask 077

TICK_S=2
GRACE_S=15
# To end one attempt that was left behind; SIGTERM and SIGKILL take some 25. Whoever asks for a start waits a minute.
LEFT_BEHIND_S=40
# Who follows an attempt asks every five seconds; one that is silent for longer than an outage lasts follows it no more.
WATCHED_S=60
# What is kept of the output of run.py. A log of an honest attempt stays far below.
LOG_BYTES=67108864
# Part of it in which the last step is looked for.
LOG_END_BYTES=1048576
SELF=$0

need_name() {
    case $2 in
    '' | *..* | [!A-Za-z0-9_]* | *[!A-Za-z0-9._-]*) fail usage "$1 is not a plain name: $2" 64 ;;
    esac
}

need_number() {
    case $2 in
    '' | *[!0-9]*) fail usage "$1 is not a number: $2" 64 ;;
    esac
}

now() {
    date +%s
}

# Content of a small file, or nothing.
slurp() {
    if [ -r "$1" ]; then cat "$1"; fi
}

write() {
    printf '%s\n' "$2" >"$1.new"
    mv "$1.new" "$1"
}

# "ID STARTED-AT" of a running container; nothing when it does not run; fails when Docker does not answer.
container_identity() {
    if seen=$(timeout 20 docker inspect --type container --format '{{.State.Running}} {{.Id}} {{.State.StartedAt}}' "$1" 2>&1); then
        case $seen in true\ *) printf '%s\n' "${seen#true }" ;; esac
    else
        case $seen in
        *[Nn]o\ such\ *) ;;
        *) return 1 ;;
        esac
    fi
}

supervisor_alive() {
    pid=$(slurp "$dir/pid")
    [ -n "$pid" ] || return 1
    [ "$(slurp "$dir/boot-id")" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 1
    kill -0 "$pid" 2>/dev/null || return 1
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "supervise $dir "
}

# The end of run.log: looking at all of a long one every two seconds would cost more than the task.
log_end() {
    if [ -r "$dir/run.log" ]; then tail -c "$LOG_END_BYTES" "$dir/run.log"; fi
}

# The last step that run.py announced, 0 before the first.
last_step() {
    step=$(log_end | tr -d '\033' | sed -n 's/^.*\] *\(\[0m\)\{0,1\}Step \([0-9]\{1,4\}\):.*$/\2/p' | tail -n 1)
    printf '%s' "${step:-0}"
}

number_or_null() {
    case $1 in
    '' | *[!0-9]*) printf 'null' ;;
    *) printf '%s' "$1" ;;
    esac
}

print_status() {
    if [ ! -d "$dir" ]; then
        printf '{"state":"absent","outcome":null,"exitCode":null,"startedS":null,"endedS":null,"heartbeatAgeS":null,"step":0,"lastLine":""}\n'
        return
    fi
    # The order matters: an attempt that ends between two looks must not appear lost.
    alive=no
    if supervisor_alive; then alive=yes; fi
    outcome='' code='' ended=''
    if [ -s "$dir/exit" ]; then
        state=ended
        read -r outcome code ended <"$dir/exit" || true
        outcome="\"$outcome\""
    elif [ "$alive" = yes ]; then
        state=running
    else
        state=lost
    fi
    heartbeat=$(slurp "$dir/heartbeat")
    age=''
    if [ -n "$heartbeat" ]; then
        age=$(($(now) - heartbeat))
        if [ "$age" -lt 0 ]; then age=0; fi
    fi
    line=$(log_end | tail -n 1 | tr -d '\000-\037\177-\377"\134' | cut -c 1-200)
    printf '{"state":"%s","outcome":%s,"exitCode":%s,"startedS":%s,"endedS":%s,"heartbeatAgeS":%s,"step":%s,"lastLine":"%s"}\n' \
        "$state" "${outcome:-null}" "$(number_or_null "$code")" "$(number_or_null "$(slurp "$dir/started")")" \
        "$(number_or_null "$ended")" "$(number_or_null "$age")" "$(last_step)" "$line"
}

# Whoever asks again and again learns of the end when it comes, not when he asks next.
await_end() {
    waited=0
    while [ "$waited" -lt "$1" ] && [ -d "$dir" ] && [ ! -s "$dir/exit" ] && supervisor_alive; do
        sleep 1
        waited=$((waited + 1))
    done
}

# Somebody follows the run in $1, also between two of its attempts.
is_watched() {
    seen=$(slurp "$1/.watched")
    [ -n "$seen" ] && [ $(($(now) - seen)) -lt "$WATCHED_S" ]
}

# Whoever was killed just now is told from whoever is at work by not asking again.
await_unwatched() {
    first=$(slurp "${1%/*}/.watched")
    while [ ! -s "$1/exit" ] && is_watched "${1%/*}"; do
        [ "$seen" = "$first" ] || {
            cat >/dev/null
            fail at-work "${1#"$data/waa/results/"} runs here and is followed by whoever began it"
        }
        sleep 1
    done
}

# [{"run","attempts","watched"}]
print_runs() {
    separator=
    printf '['
    for one in "$data"/waa/results/*; do
        [ -d "$one" ] || continue
        kept=$(find "$one" -mindepth 1 -maxdepth 1 -type d | wc -l)
        watched=false
        if is_watched "$one"; then watched=true; fi
        if [ "$kept" -eq 0 ] && [ "$watched" = false ]; then continue; fi
        printf '%s{"run":"%s","attempts":%d,"watched":%s}' "$separator" "${one##*/}" "$kept" "$watched"
        separator=,
    done
    printf ']\n'
}

start() {
    container=$1 domain=$2 task=$3 limit=$4 launch=$5
    shift 5
    need_name container "$container"
    need_name domain "$domain"
    need_name task "$task"
    need_number limit "$limit"
    case $launch in
    - | azure) ;;
    *[!0-9a-f]* | '') fail usage "LAUNCH is no hash: $launch" 64 ;;
    *) [ -f "$data/waa/agents/$launch/agent.py" ] || fail failed "there is no agent $launch" ;;
    esac
    [ -d "$data" ] || fail failed "there is no directory $data"
    mkdir -p "$data/waa/results/$run"
    # A second request meanwhile waits for the answer to the first; both would see an attempt without a supervisor.
    exec 9>"$data/waa/results/.lock"
    flock -w "$LEFT_BEHIND_S" 9 || fail failed 'another start has not ended'
    if [ -d "$dir" ]; then
        cat >/dev/null
        print_status
        return
    fi
    end_left_behind
    mkdir "$dir" || fail failed "cannot make $dir"
    if ! identity=$(container_identity "$container") || [ -z "$identity" ]; then
        cat >/dev/null
        rmdir "$dir"
        fail no-container "container $container is not running"
    fi
    # golden.sh takes no copy of a Windows that tasks have used.
    if [ -d "$data/waa/storage" ]; then : >"$data/waa/storage/.waa-used"; fi
    printf '{"%s":["%s"]}\n' "$domain" "$task" >"$dir/meta.json"
    printf '%s\n' "$@" >"$dir/request"
    write "$dir/started" "$(now)"
    write "$dir/heartbeat" "$(now)"
    write "$dir/boot-id" "$(cat /proc/sys/kernel/random/boot_id)"
    write "$dir/container" "$identity"
    write "$dir/container-name" "$container"
    secret=$(mktemp /dev/shm/waa-task.XXXXXXXX)
    cat >"$secret"
    setsid sh "$SELF" supervise "$dir" "$secret" "$container" "$limit" "$launch" "$data" "$@" </dev/null >>"$dir/supervisor.log" 2>&1 9>&- &
    tries=0
    while [ ! -e "$dir/alive" ] && [ ! -e "$dir/exit" ] && [ "$tries" -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    if [ ! -e "$dir/alive" ]; then rm -f "$secret"; fi
    print_status
}

# Asks the supervisor to end its task. Without a supervisor the task is ended here, so that it cannot disturb the next.
stop() {
    if [ -d "$dir" ] && [ ! -s "$dir/exit" ]; then
        : >"$dir/stop"
        if ! supervisor_alive && [ ! -s "$dir/exit" ]; then
            container=$(slurp "$dir/container-name")
            work=/tmp/waa-attempts/$run/$attempt
            if [ -n "$container" ]; then
                # In a container that was started anew the number belongs to another process.
                if [ "$(container_identity "$container")" = "$(slurp "$dir/container")" ]; then signal_task KILL; fi
                copy_results 20
            fi
            write "$dir/exit" "lost - $(now)"
        fi
    fi
}

# Ends what other starts left in the container: another run's task, or one whose end nobody has seen.
end_left_behind() {
    for left in "$data"/waa/results/*/*; do
        if [ -s "$left/exit" ] || [ "$(slurp "$left/container-name")" != "$container" ]; then continue; fi
        left_run=${left%/*}
        [ "${left_run##*/}" = "$run" ] || await_unwatched "$left"
        waited=0
        until
            sh "$SELF" stop "$data" "${left_run##*/}" "${left##*/}" >/dev/null
            [ -s "$left/exit" ]
        do
            [ "$waited" -lt "$LEFT_BEHIND_S" ] || fail failed "attempt ${left##*/} still runs in the container"
            sleep 1
            waited=$((waited + 1))
        done
    done
}

# ---- the supervisor: the same script in a session of its own ----

beat() {
    write "$dir/heartbeat" "$(now)"
}

finish() {
    rm -f "$secret"
    beat
    copy_results 50
    write "$dir/exit" "$1 ${2:--} $(now)"
    trap - EXIT
    exit 0
}

# Never so long that the heartbeat would seem to have stopped.
copy_results() {
    timeout "$1" docker cp "$container:$work/results" "$dir/" || true
}

signal_task() {
    # shellcheck disable=SC2016 # expanded inside the container
    timeout 20 docker exec "$container" sh -c 'kill -s "$2" "$(cat "$1/pid")"' sh "$work" "$1" || true
}

await_code() {
    waited=0
    while [ ! -s "$dir/code" ] && [ "$waited" -lt "$1" ]; do
        beat
        sleep 1
        waited=$((waited + 1))
    done
}

end_task() {
    signal_task TERM
    await_code "$GRACE_S"
    if [ ! -s "$dir/code" ]; then
        signal_task KILL
        await_code 5
    fi
    pkill -P "$child" 2>/dev/null || true
}

# The launcher into the container, with the user's own agent where there is one.
send_launcher() {
    # shellcheck disable=SC2016 # expanded inside the container
    sh "$(dirname "$SELF")/agent.sh" launcher | timeout 60 docker exec -i "$container" sh -c 'cat >"$1/launch.py"' sh "$work" || return 1
    [ "$launch" != azure ] || return 0
    # shellcheck disable=SC2016 # expanded inside the container
    tar -C "$data/waa/agents/$launch" -cf - . |
        timeout 120 docker exec -i "$container" sh -c 'mkdir -p "$1/agent" && tar -xf - -C "$1/agent" && echo "$2" >"$1/agent-sha256"' \
            sh "$work" "$launch"
}

supervise() {
    dir=$1 secret=$2 container=$3 limit=$4 launch=$5 data=$6
    shift 6
    work=/tmp/waa-attempts/${dir#"$data/waa/results/"}
    child=
    write "$dir/pid" "$$"
    write "$dir/alive" "$$"
    trap 'rm -f "$secret"; write "$dir/exit" "start-failed - $(now)"' EXIT
    identity=$(cat "$dir/container")
    started=$(cat "$dir/started")

    # shellcheck disable=SC2016 # expanded inside the container
    timeout 60 docker exec -i "$container" sh -c 'mkdir -p "$1/results" && cat >"$1/meta.json"' sh "$work" <"$dir/meta.json" ||
        finish start-failed
    program=run.py
    if [ "$launch" != - ]; then
        program=$work/launch.py
        send_launcher || finish start-failed
    fi
    (
        mkfifo "$dir/output"
        # What is too much is read and dropped: run.py must not be stopped by a full pipe.
        { stdbuf -o0 head -c "$LOG_BYTES" || true; cat >/dev/null; } <"$dir/output" >"$dir/run.log" &
        code=0
        # shellcheck disable=SC2016 # expanded inside the container
        docker exec --env-file "$secret" -w /client "$container" \
            sh -c 'echo $$ >"$1/pid"; program=$2; shift 2; exec python -u "$program" "$@"' sh "$work" "$program" "$@" \
            --test_all_meta_path "$work/meta.json" --result_dir "$work/results" >"$dir/output" 2>&1 </dev/null || code=$?
        wait
        rm -f "$dir/output"
        write "$dir/code" "$code"
    ) &
    child=$!

    step=0
    misses=0
    while :; do
        beat
        if seen=$(container_identity "$container"); then
            misses=0
            [ "$seen" = "$identity" ] || {
                pkill -P "$child" 2>/dev/null || true
                finish container-died
            }
        else
            misses=$((misses + 1))
            [ "$misses" -lt 3 ] || finish container-died
        fi
        if [ -s "$dir/code" ]; then finish finished "$(cat "$dir/code")"; fi
        if [ -e "$dir/stop" ]; then
            end_task
            finish stopped
        fi
        if [ $(($(now) - started)) -ge "$limit" ]; then
            end_task
            finish timeout
        fi
        seen=$(last_step)
        if [ "$seen" != "$step" ]; then
            step=$seen
            rm -f "$secret"
            copy_results 20
        fi
        sleep "$TICK_S"
    done
}

# {"missing","writable","freeBytes","detail"} of the results directory.
print_ready() {
    results=$data/waa/results
    missing=false writable=true detail=''
    if [ ! -d "$results" ]; then
        missing=true
        results=$data
    fi
    if [ ! -d "$results" ] || [ ! -w "$results" ]; then
        writable=false detail='the directory cannot be written'
    elif [ ! -w /dev/shm ]; then
        writable=false detail='/dev/shm cannot be written'
    fi
    free=$(df -Pk "$results" 2>/dev/null | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
    printf '{"missing":%s,"writable":%s,"freeBytes":%s,"detail":"%s"}\n' "$missing" "$writable" "${free:-0}" "$detail"
}

command=${1:-}
[ $# -gt 0 ] && shift
if [ "$command" = supervise ]; then
    supervise "$@"
fi

data=${1:-}
case $data in
/*) ;;
'') fail usage 'usage: task.sh start|status|stop DATA RUN ATTEMPT ... | runs|ready|prepare DATA' 64 ;;
*) fail usage "DATA is not an absolute path: $data" 64 ;;
esac
case $command in
runs)
    print_runs
    exit 0
    ;;
ready)
    print_ready
    exit 0
    ;;
prepare)
    [ -d "$data" ] || fail failed "there is no directory $data"
    mkdir -p "$data/waa/results"
    print_ready
    exit 0
    ;;
esac

[ $# -ge 3 ] || fail usage 'usage: task.sh start|status|stop DATA RUN ATTEMPT ...' 64
run=$2 attempt=$3
shift 3
need_name RUN "$run"
need_name ATTEMPT "$attempt"
dir=$data/waa/results/$run/$attempt

case $command in
start)
    [ $# -ge 5 ] || fail usage 'usage: task.sh start DATA RUN ATTEMPT CONTAINER DOMAIN TASK LIMIT_S LAUNCH [argument ...]' 64
    start "$@"
    ;;
status)
    need_number WAIT_S "${1:-0}"
    if [ "${1:-0}" -gt 0 ] && [ -d "$dir" ]; then write "${dir%/*}/.watched" "$(now)"; fi
    await_end "${1:-0}"
    print_status
    ;;
stop)
    stop
    print_status
    ;;
*)
    fail usage "unknown command: $command" 64
    ;;
esac
