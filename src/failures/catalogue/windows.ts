import { failure, type FailureParams } from '../failure.js';

/** dockur's viewer listens on the worker's loopback alone. */
export const lookAtScreen = 'waa pool-vnc   # then open the address it prints';

interface Evaluation extends FailureParams {
  readonly deployment: string;
  readonly worker: string;
  readonly until: string;
  readonly days: number;
}
const installAnew = ({ deployment }: Evaluation): readonly string[] => [
  `waa pool-cleanup --name ${deployment}   (once its results are home)`,
  `waa up --name ${deployment}   (installs Windows anew)`,
];

/** Failures of the layer `windows`: from the installation media to a desktop. */
export const windowsFailures = {
  WINDOWS_ISO_MISSING: failure({
    layer: 'windows',
    kind: 'not-found',
    disposition: 'recoverable',
    symptom: () => 'the container waits for ever: "ISO file not found"',
    why: "WAA's entry script found no installation media and waits without end for a server that cannot come.",
    fix: () => ['docker restart -t 120 winarena   # on the VM', 'waa up --resume'],
  }),
  WINDOWS_DOWNLOAD_FAILED: failure<{ detail: string }>({
    layer: 'windows',
    kind: 'not-found',
    disposition: 'recoverable',
    symptom: ({ detail }) => `Windows could not be downloaded: ${detail}`,
    why: "Microsoft's servers refused or the network failed; every mirror dockur knows was tried.",
    fix: () => [
      'waa up --resume   # the servers often answer a minute later',
      'Put your own ISO on the worker as /data/waa/storage/custom.iso, then: waa up --resume',
    ],
  }),
  WINDOWS_MEDIA_INVALID: failure<{ detail: string }>({
    layer: 'windows',
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ detail }) => `the installation media is unusable: ${detail}`,
    why: 'The ISO is damaged, cut short, or not a Windows ISO.',
    fix: () => ['waa up --resume   # downloads it again', 'Check your own ISO when you gave one'],
  }),
  WINDOWS_INSTALL_STALLED: failure<{ phase: string; seconds: number }>({
    layer: 'windows',
    kind: 'timeout',
    disposition: 'recoverable',
    symptom: ({ phase, seconds }) =>
      `Windows stood still for ${seconds} s while ${phase}: same screen, nothing read or written`,
    why: 'A set-up that neither draws nor writes for minutes has never been seen to go on.',
    fix: () => ['waa up --resume', lookAtScreen],
  }),
  WINDOWS_INSTALL_TIMEOUT: failure<{ seconds: number; last: string }>({
    layer: 'windows',
    kind: 'timeout',
    disposition: 'recoverable',
    symptom: ({ seconds, last }) => `no Windows desktop within ${seconds} s; last seen: ${last}`,
    why: 'The installation or the boot took longer than its budget.',
    fix: () => [lookAtScreen, 'waa up --resume'],
  }),
  WINDOWS_BLACK_SCREEN: failure<{ seconds: number }>({
    layer: 'windows',
    kind: 'not-running',
    disposition: 'recoverable',
    symptom: ({ seconds }) => `the screen of Windows has been black for ${seconds} s while nothing is read or written`,
    why: 'Windows hangs before its desktop, mostly after an unclean stop or in the display driver.',
    fix: () => ['waa up --resume   # resets Windows', lookAtScreen],
  }),
  WINDOWS_REBOOT_LOOP: failure<{ boots: number }>({
    layer: 'windows',
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ boots }) => `Windows started ${boots} times from its disk without reaching a desktop`,
    why: 'A normal installation needs two such starts, an installed Windows one.',
    fix: () => ['waa up --resume   # restarts the container', lookAtScreen],
  }),
  WINDOWS_CRASHED: failure<{ screen: string }>({
    layer: 'windows',
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ screen }) => `Windows shows a ${screen}`,
    why: 'Windows crashed, or its boot files were damaged by an unclean stop.',
    fix: () => ['waa up --resume   # resets Windows', lookAtScreen],
  }),
  WINDOWS_SCREEN_UNREADABLE: failure<{ problem: string }>({
    layer: 'windows',
    kind: 'error',
    disposition: 'transient',
    symptom: ({ problem }) => `the screen of Windows could not be read: ${problem}`,
    why: 'QEMU wrote no complete picture where waa can read it.',
    fix: () => ['waa status'],
  }),
  WINDOWS_SHUTDOWN_TIMEOUT: failure<{ seconds: number; last: string }>({
    layer: 'windows',
    kind: 'timeout',
    disposition: 'recoverable',
    symptom: ({ seconds, last }) => `Windows did not shut down within ${seconds} s; last seen: ${last}`,
    why: 'An open dialog, an update or a hang holds it. Pulling the plug can damage its file system.',
    fix: () => [
      lookAtScreen,
      'waa pool-pause   # to try again',
      'waa pool-pause --force   # deallocates it all the same; its Windows may then need a repair',
    ],
  }),
  WINDOWS_MARKER_MISSING: failure<{ directory: string }>({
    layer: 'windows',
    kind: 'conflict',
    disposition: 'recoverable',
    symptom: ({ directory }) => `after the shutdown ${directory} has no marker windows.boot`,
    why: 'Without it dockur 6.04 and later erase the Windows disk at the next start.',
    fix: ({ directory }) => [`sudo touch ${directory}/windows.boot   # on the VM`, 'waa up --resume'],
  }),
  WINDOWS_REINSTALL_REFUSED: failure<{ reason: string }>({
    layer: 'windows',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ reason }) => `only a new installation would help (${reason}), and that erases the installed Windows`,
    why: 'Resets and a container restart did not bring the desktop back.',
    fix: () => ['waa up --resume --reinstall   # erases the Windows disk of this worker', lookAtScreen],
  }),
  WINDOWS_EVALUATION_ENDS: failure<Evaluation>({
    layer: 'windows',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ deployment, worker, until, days }) =>
      `the evaluation of Windows on ${worker} of ${deployment} ends in ${days} days, on ${until}`,
    why: 'Afterwards Windows switches itself off every hour, in the middle of tasks.',
    fix: installAnew,
  }),
  WINDOWS_EVALUATION_OVER: failure<Evaluation>({
    layer: 'windows',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ deployment, worker, until }) =>
      `the evaluation of Windows on ${worker} of ${deployment} ended on ${until}`,
    why: 'Windows now switches itself off every hour, in the middle of tasks.',
    fix: installAnew,
  }),
  WINDOWS_RESET_IMPOSSIBLE: failure<{ worker: string; mode: string; reason: string }>({
    layer: 'windows',
    kind: 'unsupported',
    disposition: 'permanent',
    symptom: ({ worker, mode, reason }) => `worker ${worker} cannot reset Windows by --reset ${mode}: ${reason}`,
    why: 'Tasks of one run must all begin from the same state; a milder reset than asked for would make them incomparable.',
    fix: () => [
      'waa run --reset guest ...   # reboots Windows between tasks; needs no copy of its disk',
      'waa down   # then waa up: a fresh Windows, of which the first run with --reset golden makes a clean copy',
    ],
  }),
} as const;
