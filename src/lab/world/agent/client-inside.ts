/** Any file of WAA's client has this many hex digits as its hash; the lab's run.py is upstream's at 6d39ed8 in name only. */
const RUN_PY_SHA256 = '6d39ed88c545a0d40a7a02e39b928e278df7332b000000000000000000000000';

/** Of upstream's run.py. */
const FLAGS = (
  'headless action_space observation_type screen_width screen_height sleep_after_execution max_steps a11y_backend ' +
  'agent_name som_origin max_trajectory_length test_config_base_dir model temperature top_p max_tokens stop_token domain ' +
  'emulator_ip test_all_meta_path result_dir trial_id worker_id num_workers diff_lvl'
).split(' ');

/**
 * What the WAA client adds to the programs of the container: `python /client/run.py --help` and the hash of that file.
 * Undefined for anything else.
 */
export function clientInside(
  argv: readonly string[],
): { exitCode: number; stdout: string; stderr: string } | undefined {
  const [program = '', ...args] = argv;
  const name = program.split('/').at(-1);
  if (name === 'sha256sum' && args.length === 1 && args[0] === '/client/run.py') {
    return { exitCode: 0, stdout: `${RUN_PY_SHA256}  /client/run.py\n`, stderr: '' };
  }
  if (name !== 'python' && name !== 'python3') return undefined;
  if (args[0] === '/client/run.py' && args[1] === '--help') {
    return {
      exitCode: 0,
      stdout:
        `usage: run.py [-h] ${FLAGS.map((flag) => `[--${flag} ${flag.toUpperCase()}]`).join(' ')}\n\n` +
        'Run end-to-end evaluation on the benchmark\n',
      stderr: '',
    };
  }
  return {
    exitCode: 2,
    stdout: '',
    stderr: `${program}: can't open file '${args[0] ?? ''}': [Errno 2] No such file or directory\n`,
  };
}
