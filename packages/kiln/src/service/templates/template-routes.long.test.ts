import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { group, identityName, smallBody } from '../../dialects/azure/testing/templates.ts';
import { startTestService, type TestReply, type TestService } from '../testing/test-service.ts';

type Body = Record<string, unknown>;
type Status = Record<string, unknown>;

let service: TestService;
before(async () => {
  service = await startTestService();
});
after(() => service.close());

const folder = `${group}/providers/Microsoft.VirtualMachineImages/imageTemplates`;
const path = (name: string, version = '2025-10-01', rest = '') =>
  `${folder}/${name}${rest}?api-version=${version}`;
const propertiesOf = (reply: TestReply) => (reply.body as Body)['properties'] as Body;
const errorOf = (reply: TestReply) => (reply.body as Body)['error'] as Body;
const statusOf = async (name: string) =>
  propertiesOf(await service.request('GET', path(name)))['lastRunStatus'] as Status | undefined;

test('a template is made with 201 and an operation that has succeeded, and read with the defaults of replies', async () => {
  const put = await service.request('PUT', path('first'), { body: smallBody() });
  assert.equal(put.status, 201);
  assert.equal(propertiesOf(put)['provisioningState'], 'Creating');
  assert.equal(put.headers['location'], undefined);
  const address = put.headers['azure-asyncoperation'] ?? '';
  assert.ok(address.startsWith(service.origin), 'clients stay where they are');
  const operation = await service.request('GET', address);
  assert.equal(operation.status, 200);
  const { name, status } = operation.body as Body;
  assert.match(String(name), /^[0-9A-F-]{36}$/);
  assert.equal(status, 'Succeeded');
  const got = await service.request('GET', path('first'));
  assert.equal(got.status, 200);
  assert.deepEqual(
    { ...propertiesOf(got), source: 0, customize: 0, distribute: 0 },
    {
      source: 0,
      customize: 0,
      distribute: 0,
      vmProfile: { vmSize: '', osDiskSizeGB: 0 },
      buildTimeoutInMinutes: 0,
      stagingResourceGroup: '',
      exactStagingResourceGroup: '',
      provisioningState: 'Succeeded',
    },
  );
  const [target] = propertiesOf(got)['distribute'] as Body[];
  assert.deepEqual(target?.['artifactTags'], {});
  const { systemData } = got.body as { systemData: Body };
  assert.equal(systemData['createdBy'], 'owner-1');
  assert.equal(systemData['createdByType'], 'User');
});

test('names and ids are compared without case, and replies keep them as they were written', async () => {
  await service.request('PUT', path('Mixed'), { body: smallBody() });
  const got = await service.request('GET', path('MIXED').toUpperCase());
  assert.equal((got.body as Body)['id'], `${folder}/Mixed`);
});

test('a template is not replaced, unless it is the same request again', async () => {
  const headers = { 'x-ms-client-request-id': 'one-and-the-same' };
  const first = await service.request('PUT', path('once'), { body: smallBody(), headers });
  const again = await service.request('PUT', path('once'), { body: smallBody(), headers });
  assert.deepEqual([first.status, again.status], [201, 201]);
  const other = await service.request('PUT', path('once'), { body: smallBody() });
  assert.equal(other.status, 409);
  assert.equal(errorOf(other)['code'], 'Conflict');
  assert.match(
    String(errorOf(other)['message']),
    /^Update\/Upgrade of image templates is currently not supported/,
  );
});

test('versions from 2024-02-01 on refuse unknown fields and case, older ones do not', async () => {
  const body = smallBody({ optimize: { vmboot: { state: 'Enabled' } }, nonsense: 1 });
  for (const version of ['2024-02-01', '2025-10-01']) {
    const strict = await service.request('PUT', path('strict', version), { body });
    assert.equal(strict.status, 400, version);
    const error = errorOf(strict);
    assert.equal(error['code'], 'ValidationFailed');
    assert.match(
      String(error['message']),
      /^Unmarshalling entity encountered error: .*unknown field "vmboot"/,
    );
    assert.equal((error['details'] as Body[]).length, 2, 'every mistake at once');
  }
  const lenient = await service.request('PUT', path('lenient', '2023-07-01'), { body });
  assert.equal(lenient.status, 201);
  assert.deepEqual(propertiesOf(lenient)['optimize'], { vmBoot: { state: 'Enabled' } });
});

test('the version of 2020 has its errors without an object around them', async () => {
  const reply = await service.request('PUT', path('old', '2020-02-14'), { body: { location: 'here' } });
  assert.equal(reply.status, 400);
  assert.deepEqual(Object.keys(reply.body as Body), ['code', 'message']);
  const missing = await service.request('GET', path('nowhere', '2020-02-14'));
  assert.equal(missing.status, 404);
  assert.equal((missing.body as Body)['code'], 'ResourceNotFound');
});

test('PATCH changes tags and targets, and says which target is missing', async () => {
  await service.request('PUT', path('patched'), { body: smallBody() });
  const tagged = await service.request('PATCH', path('patched'), { body: { tags: { team: 'web' } } });
  assert.equal(tagged.status, 200);
  assert.deepEqual((tagged.body as Body)['tags'], { team: 'web' });
  const none = await service.request('PATCH', path('patched'), {
    body: { properties: { distribute: [{ type: 'VHD', runOutputName: 'other' }] } },
  });
  assert.equal(none.status, 400);
  assert.match(
    String(errorOf(none)['message']),
    /Validation failed: Distribute target with Runoutput name image not found in the update request/,
  );
  const fixed = await service.request('PATCH', path('patched'), { body: { properties: { source: {} } } });
  assert.equal(fixed.status, 400);
});

test('two changes at once are both made', async () => {
  await service.request('PUT', path('twice'), { body: smallBody() });
  const size = (vmProfile: Body) =>
    service.request('PATCH', path('twice'), { body: { properties: { vmProfile } } });
  const replies = await Promise.all([size({ vmSize: 'Standard_D2_v2' }), size({ osDiskSizeGB: 20 })]);
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200],
  );
  const profile = propertiesOf(await service.request('GET', path('twice')))['vmProfile'];
  assert.deepEqual(profile, { vmSize: 'Standard_D2_v2', osDiskSizeGB: 20 });
});

test('a run is followed by either header; a second one is not begun, the same request is the same run', async () => {
  await service.request('PUT', path('ran'), { body: smallBody() });
  const headers = { 'x-ms-client-request-id': 'run-1' };
  const run = await service.request('POST', path('ran', '2025-10-01', '/run'), { headers });
  assert.equal(run.status, 202);
  assert.equal(run.text, '');
  assert.equal(run.headers['location'], run.headers['azure-asyncoperation']);
  const operation = await service.request('GET', run.headers['location'] ?? '');
  assert.equal((operation.body as Body)['status'], 'InProgress');
  const status = await statusOf('ran');
  assert.equal(status?.['runState'], 'Running');
  assert.equal(status?.['runSubState'], 'Queued');
  assert.equal(status?.['endTime'], '0001-01-01T00:00:00Z');
  const again = await service.request('POST', path('ran', '2025-10-01', '/run'), { headers });
  assert.equal(again.status, 202);
  const second = await service.request('POST', path('ran', '2025-10-01', '/run'));
  assert.equal(errorOf(second)['code'], 'OperationNotAllowed');
  const deleted = await service.request('DELETE', path('ran'));
  assert.equal(deleted.status, 405);
  assert.equal(errorOf(deleted)['code'], 'OperationNotAllowed');
});

test('cancelling a run that waits is 204 without headers, and the run ends by itself', async () => {
  await service.request('PUT', path('cancelled'), { body: smallBody() });
  const run = await service.request('POST', path('cancelled', '2025-10-01', '/run'));
  const cancel = await service.request('POST', path('cancelled', '2025-10-01', '/cancel'));
  assert.equal(cancel.status, 204);
  assert.equal(cancel.headers['location'], undefined);
  const status = await statusOf('cancelled');
  if (status?.['runState'] === 'Canceling') {
    assert.equal(status['runSubState'], undefined);
    assert.equal(status['message'], 'Canceling image build');
  }
  for (;;) {
    const now = await statusOf('cancelled');
    if (now?.['runState'] === 'Canceled') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const operation = await service.request('GET', run.headers['location'] ?? '');
  assert.equal((operation.body as Body)['status'], 'Canceled');
  assert.equal((await service.request('POST', path('cancelled', '2025-10-01', '/cancel'))).status, 204);
});

test('DELETE is 202 with both headers, and 204 for what is not there', async () => {
  await service.request('PUT', path('gone'), { body: smallBody() });
  const first = await service.request('DELETE', path('gone'));
  assert.equal(first.status, 202);
  const location = first.headers['location'] ?? '';
  assert.equal(first.headers['azure-asyncoperation'], location);
  const ended = await service.request('GET', location);
  assert.deepEqual([ended.status, (ended.body as Body)['status']], [200, 'Succeeded']);
  assert.equal((await service.request('DELETE', path('gone'))).status, 204);
  assert.equal((await service.request('GET', path('gone'))).status, 404);
});

test('lists come in pages that their links follow, each template once, and only what one may read', async () => {
  const many = group.replace('/team', '/many');
  const names = Array.from({ length: 230 }, (_one, index) => `t${String(index).padStart(3, '0')}`);
  const base = `${many}/providers/Microsoft.VirtualMachineImages/imageTemplates`;
  for (const name of names) {
    const put = await service.request('PUT', `${base}/${name}?api-version=2025-10-01`, { body: smallBody() });
    assert.equal(put.status, 201);
  }
  const seen: string[] = [];
  let next: string | undefined = `${base}?api-version=2025-10-01`;
  while (next !== undefined) {
    const page = await service.request('GET', next);
    const { value, nextLink } = page.body as { value: Body[]; nextLink?: string };
    seen.push(...value.map((one) => String(one['name'])));
    next = nextLink;
    if (next !== undefined) assert.ok(next.startsWith(service.origin));
  }
  assert.deepEqual(seen, names);
  const all = `/subscriptions/0a1b/providers/Microsoft.VirtualMachineImages/imageTemplates?api-version=2025-10-01`;
  const reader = await service.person('reader', group);
  const page = await service.request('GET', all, { token: reader.token });
  const ids = (page.body as { value: Body[] }).value.map((one) => String(one['id']));
  assert.ok(ids.length > 0 && ids.every((id) => id.startsWith(`${group}/`)));
  const nobody = await service.person();
  const none = await service.request('GET', all, { token: nobody.token });
  assert.deepEqual((none.body as Body)['value'], []);
});

test('who may make templates still cannot let them build as an identity of somebody else', async () => {
  const builder = await service.person('builder', group);
  const own = smallBody({}, { identity: { type: 'None' } });
  assert.equal(
    (await service.request('PUT', path('plain'), { body: own, token: builder.token })).status,
    201,
  );
  const other = identityName.replace('/team/', '/secrets/');
  const body = smallBody({}, { identity: { type: 'UserAssigned', userAssignedIdentities: { [other]: {} } } });
  const refused = await service.request('PUT', path('as-other'), { body, token: builder.token });
  assert.equal(refused.status, 403);
  const patch = await service.request('PATCH', path('plain'), {
    body: { identity: { type: 'UserAssigned', userAssignedIdentities: { [other]: {} } } },
    token: builder.token,
  });
  assert.equal(patch.status, 403);
});

test('an identity that is there is named with its ids', async () => {
  const made = await service.request('PUT', `${identityName}?api-version=2023-01-31`, {
    body: { location: 'here' },
  });
  assert.equal(made.status, 201);
  const { principalId, clientId } = propertiesOf(made) as { principalId: string; clientId: string };
  await service.request('PUT', path('named'), { body: smallBody() });
  const got = await service.request('GET', path('named'));
  assert.deepEqual((got.body as Body)['identity'], {
    type: 'UserAssigned',
    userAssignedIdentities: { [identityName]: { principalId, clientId } },
  });
});
