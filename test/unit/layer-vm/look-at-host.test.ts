import { expect, it } from 'vitest';
import { lookAtHost } from '../../../src/layers/vm/look-at-host.js';
import { createWorkerSetting } from '../../helpers/worker-setting.js';
import { createFakeHost, okFacts } from './fake-host.js';

it.each([
  ['within five minutes', 240_000, /KVM works$/],
  ['an hour ahead of ours', 3_600_000, /our clock is 60 min behind its$/],
  ['an hour behind ours', -3_600_000, /our clock is 60 min ahead of its$/],
])('a host tells of its clock: %s', async (_, aheadMs, expected) => {
  const { clock, plan, context } = createWorkerSetting();
  const { links, tools, ...host } = createFakeHost();
  const facts = { ...okFacts, epochMs: clock.now() + aheadMs };
  const deps = { ...host, links, plan, host: { ...tools, facts: () => Promise.resolve(facts) } };
  const address = { host: '20.1.2.3', port: 22, user: 'azureuser' };
  const seen = await lookAtHost(deps, context(), address, { dataDisk: true, cloudInit: true });
  expect(seen).toMatchObject({ state: 'ready', detail: expect.stringMatching(expected) as string });
});
