import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { kilnJsonSchema } from './published-schema.ts';
import { read } from './testing.ts';

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const validate = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  kilnJsonSchema(),
);

test('the published schema is current (`node scripts/generate.ts` makes it)', () => {
  const published: unknown = JSON.parse(readFileSync(join(root, 'docs/kiln.schema.json'), 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(kilnJsonSchema())));
});

test('every example in the repository is valid by the schema and by Kiln', (t) => {
  const files = globSync('examples/**/kiln.yaml', { cwd: root });
  assert.ok(files.length > 0);
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    assert.ok(validate(parse(text)), `${file}: ${JSON.stringify(validate.errors, null, 1)}`);
    assert.deepEqual(read(t, text, { folder: dirname(join(root, file)) }).messages, [], file);
  }
});

test('every field has a description for editors', () => {
  const missing: string[] = [];
  const visit = (schema: unknown, path: string) => {
    if (typeof schema !== 'object' || schema === null) return;
    if ('properties' in schema && typeof schema.properties === 'object' && schema.properties) {
      for (const [name, field] of Object.entries(schema.properties)) {
        if (typeof field.description !== 'string' || field.description.length < 5)
          missing.push(`${path}.${name}`);
      }
    }
    for (const [key, inner] of Object.entries(schema)) visit(inner, `${path}.${key}`);
  };
  visit(kilnJsonSchema(), '');
  assert.deepEqual(missing, []);
});

const web = (image: object) => ({ kiln: 1, images: { web: { from: 'debian/12', ...image } } });

const right: readonly (readonly [what: string, content: object])[] = [
  ['the least', { kiln: 1 }],
  ['fields of one’s own', { kiln: 1, 'x-anything': [1, { a: 2 }] }],
  ['variables', { kiln: 1, variables: { a: 'x', b: 2, c: { default: 'x', sensitive: true, env: 'C' } } }],
  ['sizes', web({ disk: '4G', memory: '1.5GiB', cpus: 3, firmware: 'efi' })],
  ['references', web({ memory: '${m}', cpus: '${c}', firmware: '${f}' })],
  [
    'steps',
    web({ steps: [{ run: 'a' }, { run: ['a', 'b'], timeout: '5s' }, { run: { inline: 'a', user: 'x' } }] }),
  ],
  ['a copy', web({ steps: [{ copy: { content: 'x', to: '/a', mode: '0644', owner: 'a:b' }, retries: 2 }] })],
  ['a mode as a number', web({ steps: [{ copy: { content: 'x', to: '/a', mode: 755 } }] })],
  [
    'more steps',
    web({
      steps: [{ reboot: true }, { sleep: '5s' }, { local: 'true' }, { fetch: { from: '/a', to: 'b' } }],
    }),
  ],
  [
    'outputs',
    web({ outputs: [{ disk: 'a.qcow2' }, { checksum: { types: ['md5'] } }, { compress: 'a.gz' }] }),
  ],
  ['tags', web({ tags: ['1.0', 2] })],
  [
    'a machine',
    { kiln: 1, machines: { 'web-1': { from: 'debian/12', ports: ['80:80', '[::1]:80:80/udp'] } } },
  ],
];

const wrong: readonly (readonly [what: string, content: object])[] = [
  ['no version', { images: {} }],
  ['a version that is no number', { kiln: 'one' }],
  ['an unknown field', { kiln: 1, image: {} }],
  ['a name with capitals', { kiln: 1, machines: { Web: { from: 'debian/12' } } }],
  ['an image without a start', { kiln: 1, images: { web: {} } }],
  ['a size without a number', web({ memory: 'G' })],
  ['a list of processors', web({ cpus: [1] })],
  ['no processors', web({ cpus: 0 })],
  ['an unknown firmware', web({ firmware: 'uefi' })],
  ['steps that are no list', web({ steps: { run: 'a' } })],
  ['a step that does nothing', web({ steps: [{ name: 'a' }] })],
  ['a step that does two things', web({ steps: [{ run: 'a', sleep: '1s' }] })],
  ['a step that is a text', web({ steps: ['a'] })],
  ['a copy to nowhere', web({ steps: [{ copy: { content: 'a' } }] })],
  ['a duration without a unit', web({ steps: [{ sleep: '5' }] })],
  ['a mode that is no mode', web({ steps: [{ copy: { content: 'a', to: '/a', mode: 'rw' } }] })],
  ['an unknown checksum', web({ outputs: [{ disk: 'a.raw' }, { checksum: { types: ['crc'] } }] })],
  ['one port', { kiln: 1, machines: { web: { from: 'debian/12', ports: ['80'] } } }],
];

for (const [what, content] of right) {
  test(`the schema and Kiln both accept ${what}`, (t) => {
    assert.ok(validate(content), JSON.stringify(validate.errors));
    const text = JSON.stringify(content)
      .replaceAll('${m}', '1G')
      .replaceAll('"${c}"', '2')
      .replaceAll('${f}', 'bios');
    assert.deepEqual(read(t, text).messages, []);
  });
}

for (const [what, content] of wrong) {
  test(`the schema and Kiln both refuse ${what}`, (t) => {
    assert.equal(validate(content), false);
    assert.notDeepEqual(read(t, JSON.stringify(content)).messages, []);
  });
}
