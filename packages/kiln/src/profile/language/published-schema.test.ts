import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { stringify } from 'yaml';
import { profileJsonSchema } from './published-schema.ts';
import { read } from './testing.ts';

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const validate = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  profileJsonSchema(),
);

test('the published schema of profiles is current (`node scripts/generate.ts` makes it)', () => {
  const published: unknown = JSON.parse(readFileSync(join(root, 'docs/profile.schema.json'), 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(profileJsonSchema())));
});

test('every field of a profile has a description for editors', () => {
  const missing: string[] = [];
  const visit = (schema: unknown, path: string) => {
    if (typeof schema !== 'object' || schema === null) return;
    if ('properties' in schema && typeof schema.properties === 'object' && schema.properties) {
      for (const [name, field] of Object.entries(schema.properties)) {
        if (typeof field.description !== 'string' || field.description.length < 8)
          missing.push(`${path}.${name}`);
      }
    }
    for (const [key, inner] of Object.entries(schema)) visit(inner, `${path}.${key}`);
  };
  visit(profileJsonSchema(), '');
  assert.deepEqual(missing, []);
});

const right: readonly (readonly [what: string, content: object])[] = [
  ['the least', {}],
  ['fields of one’s own', { 'x-common': { a: 1 } }],
  ['packages', { packages: ['nginx', 'curl=7.*', { name: 'vim', absent: true, when: 'virtual' }] }],
  ['packages by name', { packages: { nginx: null, vim: 'absent', curl: 7, htop: { held: true } } }],
  ['a list that is a parameter', { parameters: { names: ['vim'] }, packages: ['nginx', '${names}'] }],
  [
    'users',
    { users: { a: null, b: 'absent', c: { uid: 5, sudo: true, groups: ['a'], password: 'locked' } } },
  ],
  ['files', { files: { '/a': 'x', '/b': { content: 'x', mode: '0644' }, '/c': { directory: true } } }],
  ['a list of files', { files: [{ path: '/a', content: 'x', owner: 'a:b' }] }],
  ['services', { services: { a: 'enabled', b: null, c: { unit: '[Unit]\nX=1\n' } } }],
  [
    'settings',
    { config: { timezone: 'UTC', swap: '2G', sysctl: { 'a.b': 1 }, cron: { a: '@daily root x' } } },
  ],
  ['parameters', { parameters: { a: 1, b: 'x', c: [1], d: { type: 'enum', values: ['x'], default: 'x' } } }],
  ['scripts', { scripts: { last: ['a', { run: 'b', creates: '/x' }] } }],
  ['a condition of several', { packages: [{ name: 'aa', when: ['virtual', 'not container'] }] }],
];

const wrong: readonly (readonly [what: string, content: object])[] = [
  ['an unknown field', { pakages: [] }],
  ['packages that are a text', { packages: 'nginx' }],
  ['a package with an unknown field', { packages: [{ name: 'a', hold: true }] }],
  ['a mode that is a number', { files: { '/a': { content: 'x', mode: 644 } } }],
  ['a user whose number is a text', { users: { a: { uid: '5' } } }],
  ['a service in an unknown state', { services: { a: 'on' } }],
  ['an unknown setting', { config: { tz: 'UTC' } }],
  ['swap without a unit', { config: { swap: '2048' } }],
  ['a script at an unknown point', { scripts: { end: 'x' } }],
  ['a group with a negative number', { groups: { a: { gid: -1 } } }],
  ['a digest without its kind', { files: { '/a': { url: 'https://x', digest: 'ab' } } }],
];

for (const [what, content] of right) {
  test(`the schema of profiles and Kiln both accept ${what}`, (t) => {
    const profile = { profile: 1, ...content };
    assert.ok(validate(profile), JSON.stringify(validate.errors));
    assert.deepEqual(read(t, stringify(profile)).messages, []);
  });
}

for (const [what, content] of wrong) {
  test(`the schema of profiles and Kiln both refuse ${what}`, (t) => {
    const profile = { profile: 1, ...content };
    assert.equal(validate(profile), false);
    assert.notDeepEqual(read(t, stringify(profile)).messages, []);
  });
}
