#!/usr/bin/env python3
"""Stand-in of WAA's client: flags, log lines, result files and habits of run.py (WindowsAgentArena 6d39ed8)."""
import argparse
import datetime
import json
import os
import signal
import socket
import sys
import time
import traceback
import urllib.error
import urllib.request

QMP = ('127.0.0.1', 7200)
SCREEN = '/run/shm/client-screen.png'
PROOF = 'C:\\Users\\Docker\\Documents'


def arguments():
    parser = argparse.ArgumentParser(description='Run end-to-end evaluation on the benchmark')
    add = parser.add_argument
    add('--headless', action='store_true', help='Run in headless machine')
    add('--action_space', type=str, default='pyautogui')
    add('--observation_type', choices=['screenshot', 'a11y_tree', 'screenshot_a11y_tree', 'som'], default='a11y_tree')
    add('--screen_width', type=int, default=1920)
    add('--screen_height', type=int, default=1200)
    add('--sleep_after_execution', type=float, default=3)
    add('--max_steps', type=int, default=15)
    add('--emulator_ip', type=str, default='20.20.20.21')
    add('--a11y_backend', type=str, default='uia')
    add('--agent_name', type=str, default='navi')
    add('--som_origin', type=str, default='oss')
    add('--max_trajectory_length', type=int, default=3)
    add('--test_config_base_dir', type=str, default='evaluation_examples_windows')
    add('--model', type=str, default='gpt-4-vision-preview')
    add('--temperature', type=float, default=1.0)
    add('--top_p', type=float, default=0.9)
    add('--max_tokens', type=int, default=1500)
    add('--stop_token', type=str, default=None)
    add('--domain', type=str, default='all')
    add('--test_all_meta_path', type=str, default='evaluation_examples_windows/test_all.json')
    add('--result_dir', type=str, default='./results')
    add('--trial_id', type=str, default='0')
    add('--worker_id', type=int, default=0)
    add('--num_workers', type=int, default=1)
    add('--diff_lvl', type=str, default='normal')
    # Upstream ignores what it does not know, without a word.
    return parser.parse_known_args()[0]


class Log:
    def __init__(self):
        self.files = []

    def __call__(self, text, level='INFO', where='lib_run_single/45'):
        now = datetime.datetime.now()
        stamp = now.strftime('%Y-%m-%d %H:%M:%S,') + '%03d' % (now.microsecond // 1000)
        line = '\033[1;33m[%s \033[31m%s \033[32m%s-MainProcess\033[1;33m] \033[0m%s' % (stamp, level, where, text)
        print(line, flush=True)
        for path in self.files:
            with open(path, 'a') as file:
                file.write(line + '\n')


log = Log()


def stamp():
    return datetime.datetime.now().strftime('%Y%m%d@%H%M%S')


class Machine:
    """The guest's server and the container's QMP, called as DesktopEnv calls them: failures are logged, not raised."""

    def __init__(self, address):
        self.base = 'http://%s:5000' % address

    def ask(self, path, body=None, timeout=60):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {'content-type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def wait(self):
        while True:
            try:
                if self.ask('/probe', timeout=10)[0] == 200:
                    return
                raise OSError('no probe')
            except OSError as error:
                print('Failed to get hello: %s' % error, flush=True)
                print('Retrying...', flush=True)
                time.sleep(5)

    def post(self, path, body):
        try:
            return self.ask(path, body)
        except OSError as error:
            log('An error occurred while trying to send the request: %s' % error, 'ERROR', 'setup/120')
            return 0, b''

    def tree(self, backend):
        try:
            status, body = self.ask('/accessibility?backend=' + backend, timeout=300)
        except OSError as error:
            log('An error occurred while trying to send the request: %s' % error, 'ERROR', 'python/120')
            return None
        if status != 200:
            log('Failed to get accessibility tree. Status code: %d' % status, 'ERROR', 'python/117')
            return None
        return json.loads(body)['AT']

    def screenshot(self):
        for _ in range(20):
            try:
                qmp('screendump', filename=SCREEN, format='png')
                with open(SCREEN, 'rb') as file:
                    return file.read()
            except OSError:
                time.sleep(1)
        log('Failed to get screenshot!', 'ERROR', 'desktop_env/163')
        return None


def qmp(command, **arguments):
    with socket.create_connection(QMP, 10) as connection, connection.makefile('rwb') as stream:
        stream.readline()
        for name, values in (('qmp_capabilities', {}), (command, arguments)):
            stream.write(json.dumps({'execute': name, 'arguments': values}).encode() + b'\n')
            stream.flush()
            while True:
                answer = json.loads(stream.readline() or b'{"error": {"desc": "closed"}}')
                if 'error' in answer:
                    raise OSError(answer['error']['desc'])
                if 'return' in answer:
                    break
        return answer['return']


def run_task(args, machine, domain, task, folder):
    log('[Domain]: %s' % domain, where='run/128')
    log('[Example ID]: %s' % task, where='run/129')
    log('Not implemented! Reverting to snapshot is not supported for remote VMs! Closing all applications instead',
        'WARNING', 'desktop_env/207')
    machine.post('/setup/close_all', {})
    machine.post('/setup/clear_task_files', {})
    if not any(os.environ.get(name) for name in ('OPENAI_API_KEY', 'AZURE_API_KEY', 'ANTHROPIC_API_KEY')):
        raise RuntimeError('The api_key client option must be set either by passing api_key to the client or by '
                           'setting the OPENAI_API_KEY environment variable')
    machine.post('/setup/launch', {'command': ['notepad']})
    for step in range(1, args.max_steps + 1):
        picture, tree = machine.screenshot(), machine.tree(args.a11y_backend)
        if picture is None or tree is None:
            log('Observation is None. Waiting a little to do next step.', 'ERROR', 'desktop_env/317')
        last = step == args.max_steps
        action = 'DONE' if last else "computer.keyboard.write('%s')" % task
        log('Step %d: %s' % (step, action))
        entry = {'step_num': step, 'action_timestamp': stamp(), 'action': action, 'reward': 0, 'done': last, 'info': {},
                 'window_title': 'Program Manager'}
        if picture:
            entry['screenshot'] = 'screenshot-step_%d_%s.png' % (step, stamp())
            with open(os.path.join(folder, entry['screenshot']), 'wb') as file:
                file.write(picture)
        with open(os.path.join(folder, 'traj.jsonl'), 'a') as file:
            file.write(json.dumps(entry) + '\n')
        time.sleep(args.sleep_after_execution)
    machine.post('/setup/create_file', {'path': '%s\\%s.txt' % (PROOF, task), 'content': task})
    log('The episode is done.')
    log('Running evaluator(s)...')
    status, _ = machine.post('/file_exists', {'path': PROOF, 'file_name': task + '.txt'})
    score = 1.0 if status == 200 else 0.0
    log('Result: %.2f' % score)
    with open(os.path.join(folder, 'result.txt'), 'w') as file:
        file.write('%s\n' % score)
    with open(os.path.join(folder, 'traj.html'), 'w') as file:
        file.write('<!doctype html><title>%s/%s</title><p>Result: %s</p>\n' % (domain, task, score))


def main():
    args = arguments()
    if args.diff_lvl not in ('normal', 'hard'):
        sys.exit("Invalid value for arg --diff_lvl. Choose 'normal' or 'hard'.")
    if args.agent_name != 'navi' and not os.path.isdir('mm_agents/' + args.agent_name):
        sys.exit('Unknown agent name: ' + args.agent_name)

    def interrupted(number, _frame):
        print('Interrupted by %d, shutting down' % number, flush=True)
        sys.exit(0)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    machine = Machine(args.emulator_ip)
    machine.wait()
    qmp('query-status')
    with open(args.test_all_meta_path) as file:
        tasks = json.load(file)
    base = os.path.join(args.result_dir, args.action_space, args.observation_type, args.model, args.trial_id)
    for domain in tasks:
        for task in tasks[domain]:
            folder = os.path.join(base, domain, task)
            os.makedirs(os.path.join(folder, 'logs'), exist_ok=True)
            log.files = [os.path.join(folder, 'logs', 'task-%d-%s.log' % (args.worker_id, stamp()))]
            try:
                run_task(args, machine, domain, task, folder)
            except Exception as error:
                log('Exception in %s/%s: %s' % (domain, task, error), 'ERROR', 'run/150')
                with open(os.path.join(folder, 'traj.jsonl'), 'a') as file:
                    record = {'Error': 'Exception in %s/%s' % (domain, task), 'Exception': str(error),
                              'Traceback': traceback.format_exc()}
                    file.write(json.dumps(record) + '\n')
            log('Finished %s/%s' % (domain, task), where='run/160')


if __name__ == '__main__':
    main()
