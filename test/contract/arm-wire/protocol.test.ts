import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createNetwork,
  createNic,
  createWorker,
  group,
  location,
  startArmLab,
  subscriptionId,
  vmBody,
  type ArmLab,
} from './lab.js';

let lab: ArmLab;
beforeEach(async () => {
  lab = await startArmLab({}, 5);
});
afterEach(() => lab.close());

const rg = `/resourceGroups/${group}`;
const groups = 'api-version=2025-04-01';

describe('login', () => {
  it('answers 401 without a token and with a bad one', async () => {
    const path = `/subscriptions/${subscriptionId}?api-version=2022-12-01`;
    const none = await lab.anonymous('GET', path);
    expect([none.status, none.error.code]).toEqual([401, 'AuthenticationFailed']);
    expect(none.headers.get('www-authenticate')).toContain('Bearer authorization_uri=');
    const bad = await lab.anonymous('GET', path, { headers: { authorization: 'Bearer a.b.c' } });
    expect([bad.status, bad.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
  });

  const login = async (form: Readonly<Record<string, string | undefined>>, tenant = 'adfs') => {
    const principal = lab.azure.options.principals[0];
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: principal?.clientId ?? '',
      client_secret: principal?.clientSecret ?? '',
      scope: `${lab.url}//.default`,
      ...form,
    }).toString();
    return lab.anonymous('POST', `/${tenant}/oauth2/token`, {
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  };

  it('gives az a token for the endpoint with two slashes', async () => {
    const answer = await login({});
    const token = (answer.body as { access_token: string }).access_token;
    const list = await lab.anonymous('GET', '/subscriptions?api-version=2016-06-01', {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(list.status).toBe(200);
  });

  it.each([
    ['a wrong secret', { client_secret: 'no' }, 401, 'invalid_client'],
    ['an unknown application', { client_id: 'no' }, 400, 'unauthorized_client'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %s', async (_, form, status, error) => {
    const answer = await login(form);
    expect([answer.status, (answer.body as { error: string }).error]).toEqual([status, error]);
  });

  it('refuses another tenant', async () => {
    const answer = await login({}, '00000000-0000-4000-8000-000000000000');
    expect((answer.body as { error_codes: number[] }).error_codes).toEqual([90002]);
  });

  it('refuses a token for another resource and one that has expired', async () => {
    const other = (await login({ scope: 'https://graph.microsoft.com/.default' })).body as { access_token: string };
    const headers = { authorization: `Bearer ${other.access_token}` };
    const answer = await lab.anonymous('GET', '/subscriptions?api-version=2022-12-01', { headers });
    expect(answer.error.code).toBe('InvalidAuthenticationTokenAudience');
    const good = (await login({})).body as { access_token: string };
    lab.advance(31 * 24 * 3_600_000);
    const late = await lab.anonymous('GET', '/subscriptions?api-version=2022-12-01', {
      headers: { authorization: `Bearer ${good.access_token}` },
    });
    expect(late.error.code).toBe('ExpiredAuthenticationToken');
  });

  it('describes the cloud in both shapes, also behind two slashes', async () => {
    const old = await lab.anonymous('GET', '//metadata/endpoints?api-version=2015-01-01');
    expect(old.body).toMatchObject({ authentication: { loginEndpoint: `${lab.url}/adfs` } });
    const now = await lab.anonymous('GET', '/metadata/endpoints?api-version=2019-05-01');
    expect(now.body).toMatchObject([{ name: 'Lab', resourceManager: `${lab.url}/` }]);
  });
});

describe('the request', () => {
  it.each([
    ['GET', '//subscriptions/xyz?api-version=2022-12-01', 400, 'InvalidSubscriptionId'],
    ['GET', '//subscriptions/11111111-2222-4333-8444-555555555555?api-version=2022-12-01', 404, 'SubscriptionNotFound'],
    ['GET', rg, 400, 'MissingApiVersionParameter'],
    ['GET', `${rg}?api-version=yesterday`, 400, 'InvalidApiVersionParameter'],
    [
      'GET',
      `${rg}/providers/Microsoft.Compute/virtualMachines?api-version=1999-01-01`,
      400,
      'NoRegisteredProviderFound',
    ],
    ['GET', `${rg}/providers/Microsoft.Nothing/things?api-version=2025-04-01`, 404, 'InvalidResourceNamespace'],
    ['GET', `${rg}/providers/Microsoft.Compute/things?api-version=2026-03-01`, 404, 'InvalidResourceType'],
    ['PUT', `/locations?api-version=2022-12-01`, 405, 'HttpMethodNotAllowed'],
    ['GET', `${rg}?${groups}`, 404, 'ResourceGroupNotFound'],
    ['DELETE', `${rg}?${groups}`, 404, 'ResourceGroupNotFound'],
    ['GET', `/resourceGroups?${groups}&$filter=location eq 'x'`, 400, 'InvalidFilterInQueryString'],
    [
      'GET',
      `/providers/Microsoft.Compute/locations/moon/usages?api-version=2026-03-01`,
      400,
      'NoRegisteredProviderFound',
    ],
  ])('%s %s is refused', async (method, path, status, code) => {
    const answer = await lab.raw(method, path);
    expect([answer.status, answer.error.code]).toEqual([status, code]);
  });

  it('takes the old api-versions that az sends', async () => {
    for (const path of [
      '//subscriptions?api-version=2019-11-01',
      '/resourcegroups?api-version=2019-10-01',
      '/providers/Microsoft.Compute/virtualMachines?api-version=2020-06-01',
      '/providers/Microsoft.Compute/disks?api-version=2019-07-01',
      '/providers/Microsoft.Network/networkInterfaces?api-version=2022-07-01',
      '/providers/Microsoft.Network/virtualNetworks?api-version=2018-11-01',
    ])
      expect((await lab.raw('GET', path)).status, path).toBe(200);
  });

  it('refuses a body that is no JSON, of another type, or not of the right shape', async () => {
    const put = (body: unknown, headers = {}) => lab.raw('PUT', `${rg}?${groups}`, body, headers);
    expect((await put('{', {})).error.code).toBe('InvalidRequestContent');
    expect((await put('location=x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await put({})).error.code).toBe('LocationRequired');
    expect((await put({ location: 'moon' })).error.code).toBe('LocationNotAvailableForResourceGroup');
    expect((await put({ location, colour: 'red' })).error.code).toBe('InvalidRequestContent');
  });

  it('names the unknown member and the wrong parameter as compute does', async () => {
    const network = await createNetwork(lab);
    const { nicId } = await createNic(lab, network, 'w1');
    const path = `${rg}/providers/Microsoft.Compute/virtualMachines/w1?api-version=2026-03-01`;
    const properties = { networkProfile: { networkInterfaces: [{ id: nicId }] } };
    const unknown = await lab.raw('PUT', path, { location, properties: { ...properties, colour: 1 } });
    expect([unknown.status, unknown.error.code]).toEqual([400, 'BadRequest']);
    expect(unknown.error.message).toContain("Could not find member 'colour'");
    const wrong = await lab.raw('PUT', path, { location, properties: { hardwareProfile: { vmSize: 7 } } });
    expect(wrong.error).toMatchObject({ code: 'InvalidParameter', target: 'hardwareProfile.vmSize' });
  });

  it('refuses securityType Standard at an old api-version until the feature is registered', async () => {
    const network = await createNetwork(lab);
    const { nicId } = await createNic(lab, network, 'w1');
    const model = vmBody(nicId);
    const body = {
      location,
      properties: {
        hardwareProfile: model.hardwareProfile,
        storageProfile: model.storageProfile,
        osProfile: model.osProfile,
        securityProfile: model.securityProfile,
        networkProfile: { networkInterfaces: [{ id: nicId }] },
      },
    };
    const put = () =>
      lab.raw('PUT', `${rg}/providers/Microsoft.Compute/virtualMachines/w1?api-version=2024-07-01`, body);
    expect((await put()).error).toMatchObject({ code: 'InvalidParameter', target: 'securityProfile.securityType' });
    const feature = '/providers/Microsoft.Features/providers/Microsoft.Compute/features/UseStandardSecurityType';
    expect((await lab.raw('POST', `${feature}/register?api-version=2021-07-01`)).body).toMatchObject({
      properties: { state: 'Registering' },
    });
    lab.advance(120_000);
    expect((await put()).status).toBe(201);
  });

  it('compares ids and paths without regard to case', async () => {
    await createNetwork(lab);
    const answer = await lab.raw(
      'GET',
      `/RESOURCEGROUPS/${group.toUpperCase()}/Providers/microsoft.network/NETWORKSECURITYGROUPS/NSG?api-version=2025-05-01`,
    );
    expect(answer.body).toMatchObject({ name: 'nsg' });
  });
});

describe('lists', () => {
  it('come in pages that the SDK follows', async () => {
    const first = await lab.raw(
      'GET',
      "/providers/Microsoft.Compute/skus?api-version=2021-07-01&%24filter=location%20eq%20'eastus'",
    );
    expect((first.body as { value: unknown[]; nextLink: string }).nextLink).toContain('skiptoken');
    const names: string[] = [];
    for await (const sku of lab.compute.resourceSkus.list({ filter: "location eq 'eastus'" })) {
      if (sku.resourceType === 'virtualMachines') names.push(sku.name ?? '');
    }
    expect(names).toHaveLength(13);
    expect(new Set(names).size).toBe(13);
  });

  it('show restrictions of sizes', async () => {
    const found: unknown[] = [];
    for await (const sku of lab.compute.resourceSkus.list({ filter: "location eq 'westeurope'" })) {
      if (sku.name === 'Standard_D8ds_v4') found.push(...(sku.restrictions ?? []));
    }
    expect(found).toMatchObject([{ type: 'Location', reasonCode: 'NotAvailableForSubscription' }]);
  });

  it('find groups and resources by tag', async () => {
    await createNetwork(lab);
    await lab.resources.resourceGroups.createOrUpdate('other', { location });
    const names: string[] = [];
    for await (const entry of lab.resources.resourceGroups.list({ filter: "tagName eq 'waa-deployment'" }))
      names.push(entry.name ?? '');
    expect(names).toEqual([group]);
    const nsg = `/subscriptions/${subscriptionId}${rg}/providers/Microsoft.Network/networkSecurityGroups/nsg`;
    await lab.resources.tagsOperations.beginUpdateAtScopeAndWait(nsg, {
      operation: 'Merge',
      properties: { tags: { a: 'b' } },
    });
    const tagged: string[] = [];
    for await (const entry of lab.resources.resources.list({ filter: "tagName eq 'a' and tagValue eq 'b'" }))
      tagged.push(entry.name ?? '');
    expect(tagged).toEqual(['nsg']);
  });

  it('show the subscription, its regions and providers', async () => {
    const regions: string[] = [];
    for await (const region of lab.subscriptions.subscriptions.listLocations(subscriptionId))
      regions.push(region.name ?? '');
    expect(regions).toContain('eastus');
    expect((await lab.subscriptions.subscriptions.get(subscriptionId)).state).toBe('Enabled');
    expect((await lab.resources.providers.get('Microsoft.Compute')).registrationState).toBe('Registered');
  });
});

describe('operations', () => {
  it('are watched at two places, which agree', async () => {
    await createWorker(lab);
    const vm = `${rg}/providers/Microsoft.Compute/virtualMachines/w1`;
    const accepted = await lab.raw('POST', `${vm}/deallocate?api-version=2026-03-01`);
    const at = (name: string): string => `/${(accepted.headers.get(name) ?? '').slice(lab.url.length)}`;
    expect([accepted.status, accepted.headers.get('retry-after')]).toEqual([202, '1']);
    expect((await lab.raw('GET', at('azure-asyncoperation'))).body).toMatchObject({ status: 'InProgress' });
    expect((await lab.raw('GET', at('location'))).status).toBe(202);
    lab.advance(200_000);
    expect((await lab.raw('GET', at('azure-asyncoperation'))).body).toMatchObject({ status: 'Succeeded' });
    const end = await lab.raw('GET', at('location'));
    expect([end.status, end.body]).toEqual([200, undefined]);
  });

  it('count requests against the buckets of a VM', async () => {
    await createWorker(lab);
    const read = () =>
      lab.raw('GET', `${rg}/providers/Microsoft.Compute/virtualMachines/w1/instanceView?api-version=2026-03-01`);
    const first = await read();
    expect(first.headers.get('x-ms-ratelimit-remaining-resource')).toMatch(/LowCostGetResource;\d+/);
    let last = first;
    for (let i = 0; i < 40 && last.status === 200; i += 1) last = await read();
    expect(last.status).toBe(429);
    expect(last.body).toMatchObject({ code: 'OperationNotAllowed', details: [{ code: 'TooManyRequests' }] });
    lab.advance(Number(last.headers.get('retry-after')) * 1000);
    expect((await read()).status).toBe(200);
  });
});

describe('auto-shutdown', () => {
  const path = (name: string): string =>
    `${rg}/providers/Microsoft.DevTestLab/schedules/${name}?api-version=2018-09-15`;
  const body = (change: object = {}) => ({
    location,
    properties: {
      status: 'Enabled',
      taskType: 'ComputeVmShutdownTask',
      dailyRecurrence: { time: '1730' },
      timeZoneId: 'UTC',
      targetResourceId: `/subscriptions/${subscriptionId}${rg}/providers/Microsoft.Compute/virtualMachines/w1`,
      ...change,
    },
  });

  it('deallocates at its time', async () => {
    await createWorker(lab);
    const put = await lab.raw('PUT', path('shutdown-computevm-w1'), body());
    expect([put.status, (put.body as { id: string }).id]).toEqual([
      201,
      expect.stringContaining('/resourcegroups/rg-waa/providers/microsoft.devtestlab/'),
    ]);
    lab.advance(Date.UTC(2026, 5, 1, 17, 29) - lab.simulation.now);
    expect(lab.azure.summary().virtualMachines[0]?.power).toBe('running');
    lab.advance(5 * 60_000);
    expect(lab.azure.summary().virtualMachines[0]?.power).toBe('deallocated');
  });

  it.each([
    ['another name', 'shutdown-w1', {}],
    ['no time of day', 'shutdown-computevm-w1', { dailyRecurrence: { time: '2561' } }],
    ['an unknown time zone', 'shutdown-computevm-w1', { timeZoneId: 'Nowhere' }],
  ])('refuses %s', async (_, name, change) => {
    await createWorker(lab);
    expect((await lab.raw('PUT', path(name), body(change))).status).toBe(400);
    expect((await lab.raw('GET', path('shutdown-computevm-w1'))).error.code).toBe('ResourceNotFound');
  });
});
