import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asWaaError, WaaError } from '../../../src/failures/waa-error.js';
import {
  deploymentNames,
  findDeployment,
  forgetDeployment,
  listDeployments,
  loadDeployment,
  saveDeployment,
  saveIntent,
  type DeploymentRecord,
} from '../../../src/state/deployment.js';
import { takeLock } from '../../../src/state/lock.js';
import { statePaths, type StatePaths } from '../../../src/state/paths.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';

let paths: StatePaths;
beforeEach(() => {
  paths = statePaths(mkdtempSync(join(tmpdir(), 'waa-deployment-')));
});
afterEach(() => {
  rmSync(paths.home, { recursive: true, force: true });
});

const record = (name: string): DeploymentRecord => deploymentRecord({ name, intent: 'creating' });

describe('deployment records', () => {
  it('are found again after they were saved', async () => {
    await saveDeployment(paths, record('mine'));
    expect(await findDeployment(paths, 'mine')).toEqual(record('mine'));
    expect(await loadDeployment(paths, 'mine')).toEqual(record('mine'));
    expect(await findDeployment(paths, 'other')).toBeUndefined();
  });

  it('carry a new intent and its moment', async () => {
    await saveDeployment(paths, record('mine'));
    const changed = await saveIntent(paths, record('mine'), 'pausing', Date.UTC(2026, 1, 2));
    expect(changed).toMatchObject({ intent: 'pausing', intentAt: '2026-02-02T00:00:00.000Z' });
    expect(await loadDeployment(paths, 'mine')).toEqual(changed);
  });

  it('that do not exist are answered with the nearest name, or all names, or how to make one', async () => {
    const hintFor = async (name: string): Promise<unknown> => {
      const error = await loadDeployment(paths, name).catch(asWaaError);
      return error instanceof WaaError ? [error.code, error.params['hint']] : error;
    };
    expect(await hintFor('mine')).toEqual(['OWN_DEPLOYMENT_NOT_FOUND', 'There is none yet; make one: waa up']);
    await saveDeployment(paths, record('baseline'));
    expect(await hintFor('basline')).toEqual(['OWN_DEPLOYMENT_NOT_FOUND', 'Did you mean baseline?']);
    expect(await hintFor('zzz')).toEqual(['OWN_DEPLOYMENT_NOT_FOUND', 'Known: baseline']);
  });

  it('are all listed though one is damaged', async () => {
    await saveDeployment(paths, record('b'));
    await saveDeployment(paths, record('a'));
    mkdirSync(paths.deployment('empty').directory);
    mkdirSync(paths.deployment('bad').directory);
    writeFileSync(paths.deployment('bad').record, '{');
    const { records, broken } = await listDeployments(paths);
    expect(records.map((one) => one.name)).toEqual(['a', 'b']);
    expect(broken.map((error) => error.code)).toEqual(['OWN_STATE_CORRUPT']);
  });

  it('cannot be listed from something that is no directory', async () => {
    writeFileSync(paths.deployments, '');
    await expect(deploymentNames(paths)).rejects.toMatchObject({ code: 'OWN_STATE_UNREADABLE' });
  });

  it('are forgotten with all their files', async () => {
    await saveDeployment(paths, record('mine'));
    await forgetDeployment(paths, 'mine');
    await forgetDeployment(paths, 'mine');
    expect(existsSync(paths.deployment('mine').directory)).toBe(false);
    expect(await deploymentNames(paths)).toEqual([]);
  });

  it('are forgotten under their lock, which takes the folder along', async () => {
    const files = paths.deployment('mine');
    const me = { pid: 1, host: 'here', command: 'waa down', since: '' };
    const lock = await takeLock({ ...files, deployment: 'mine', me, isAlive: () => true });
    await saveDeployment(paths, record('mine'));
    writeFileSync(files.checkpoint, '{}');
    await forgetDeployment(paths, 'mine');
    expect([files.record, files.checkpoint, files.lock].map(existsSync)).toEqual([false, false, true]);
    await lock.release();
    expect(existsSync(files.directory)).toBe(false);
  });
});
