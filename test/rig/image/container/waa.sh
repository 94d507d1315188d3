#!/bin/bash
# PID 1 as in Windows Agent Arena's own images (entry.sh at 6d39ed8): dockur runs behind a shell that passes no signal on,
# so `docker stop` never reaches it.
echo 'Starting VM...'
/run/entry.sh &
wait $!
