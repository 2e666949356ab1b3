import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { makeWorkshop } from './testing.ts';

const group = '/subscriptions/0a1b/resourceGroups/team/providers';

const template = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: {
    greeting: { type: 'string', metadata: { description: 'What is said.' } },
    token: { type: 'securestring', defaultValue: 'hunter2' },
  },
  resources: [
    {
      type: 'Microsoft.VirtualMachineImages/imageTemplates',
      apiVersion: '2024-02-01',
      name: 'web',
      location: '[resourceGroup().location]',
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: { [`${group}/Microsoft.ManagedIdentity/userAssignedIdentities/builder`]: {} },
      },
      properties: {
        source: {
          type: 'PlatformImage',
          publisher: 'Debian',
          offer: 'debian-12',
          sku: '12',
          version: 'latest',
        },
        customize: [
          { type: 'Shell', name: 'greet', inline: ["[concat('echo ', parameters('greeting'))]"] },
          { type: 'Shell', name: 'login', inline: ["[concat('login ', parameters('token'))]"] },
        ],
        distribute: [
          {
            type: 'SharedImage',
            runOutputName: 'versioned',
            galleryImageId: `${group}/Microsoft.Compute/galleries/shared/images/web`,
          },
        ],
      },
    },
  ],
};

const files = { 'web.json': JSON.stringify(template, null, 2) };

test('a plan of an Azure template shows what is done, and no secrets', async (t) => {
  const { kiln } = makeWorkshop(t, files);
  const { code, stdout, stderr } = await kiln('plan', 'web.json', '--var', 'greeting=hello');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout.replace(/ {2}(?:runs|restored).*$/gm, ''),
    `build web (azure)
  from debian/12
  1 processor, 3.5 GB of memory, BIOS
  1. greet: run echo hello
  2. login: run login <sensitive>
  → store as shared/web:0.0.1, shared/web:latest
`,
  );
});

test('values come from files of parameters, and what is missing is told with its place', async (t) => {
  const { kiln } = makeWorkshop(t, {
    ...files,
    'web.parameters.json': JSON.stringify({ parameters: { greeting: { value: 'moin' } } }),
  });
  const { stdout } = await kiln('plan', 'web.json', '--var-file', 'web.parameters.json');
  assert.match(stdout, /run echo moin/);
  const { code, stderr } = await kiln('validate', 'web.json');
  assert.equal(code, 1);
  assert.match(stderr, /^web\.json:\d+:\d+: error: the parameter "greeting" has no value$/m);
  assert.match(stderr, /^ {2}hint: give it with --var greeting=…$/m);
});

test('inspect shows parameters and templates', async (t) => {
  const { kiln } = makeWorkshop(t, files);
  const { code, stdout, stderr } = await kiln('inspect', 'web.json', '--var', 'greeting=hello');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `variables
  greeting  "hello"      What is said.
  token     <sensitive>

build web
  apiVersion 2024-02-01
  from PlatformImage Debian:debian-12:12:latest
  1. greet (Shell)
  2. login (Shell)
  → versioned (SharedImage)
`,
  );
});

test('another image can be started from, and the catalogue can be added to', async (t) => {
  const source = { type: 'PlatformImage', publisher: 'RedHat', offer: 'RHEL', sku: '9', version: 'latest' };
  const [resource] = template.resources;
  const body = {
    ...resource!,
    location: 'x',
    properties: { ...resource!.properties, source, customize: [] },
  };
  const { kiln } = makeWorkshop(t, { 'rhel.json': JSON.stringify(body), 'disk.qcow2': '' });
  const refused = await kiln('plan', 'rhel.json');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /error: Kiln cannot get the image RedHat:RHEL:9:latest/);
  const given = await kiln('plan', 'rhel.json', '--source-image', 'disk.qcow2');
  assert.match(given.stdout, /^ {2}from FOLDER\/disk\.qcow2$|^ {2}from disk\.qcow2$/m);
  const { writeFile, mkdir } = await import('node:fs/promises');
  const { home, kiln: again } = makeWorkshop(t, { 'rhel.json': JSON.stringify(body) });
  await mkdir(home, { recursive: true });
  await writeFile(`${home}/azure-images.yaml`, 'images: [{publisher: redhat, offer: rhel, from: rhel:9}]\n');
  assert.match((await again('plan', 'rhel.json')).stdout, /^ {2}from the store's rhel:9$/m);
});

/** A server that counts what it is asked for. */
async function serve(t: TestContext, answers: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = answers[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('what is fetched without a checksum is fetched when the plan is made, and has one from then on', async (t) => {
  const script = 'echo hi\n';
  const { url, asked } = await serve(t, { '/setup.sh': script });
  const [resource] = template.resources;
  const customize = [{ type: 'Shell', scriptUri: `${url}/setup.sh` }];
  const body = { ...resource!, location: 'x', properties: { ...resource!.properties, customize } };
  const { kiln } = makeWorkshop(t, { 'web.json': JSON.stringify(body) });
  const { stdout, stderr, code } = await kiln('plan', 'web.json', '--json');
  assert.equal(code, 0, stderr);
  const { builds } = JSON.parse(stdout) as { builds: { steps: { download: { digests: unknown[] } }[] }[] };
  const hex = createHash('sha256').update(script).digest('hex');
  assert.deepEqual(builds[0]!.steps[0]!.download.digests, [{ algorithm: 'sha256', hex }]);
  assert.deepEqual(asked, ['/setup.sh']);
  assert.equal((await kiln('validate', 'web.json', '--syntax-only')).code, 0);
  assert.equal(asked.length, 1, 'a check fetches nothing');
});
