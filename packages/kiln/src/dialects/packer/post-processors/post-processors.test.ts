import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Output } from '../../../plan/output.ts';
import { buildsOf, complaints, readTemplate } from '../testing.ts';

type Fields = Readonly<Record<string, unknown>>;

function read(postProcessor: unknown) {
  return readTemplate({
    builders: [{ type: 'null', communicator: 'none' }],
    'post-processors': [postProcessor],
  });
}

function output(postProcessor: unknown): Output {
  const [chain] = buildsOf(read(postProcessor))[0]!.outputs;
  assert.ok(chain?.[0]);
  return chain[0];
}

const rows: readonly (readonly [postProcessor: unknown, wanted: Fields])[] = [
  [
    'checksum',
    {
      types: ['md5'],
      output: {
        kind: 'template',
        source: 'packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum',
      },
    },
  ],
  [
    { type: 'checksum', checksum_types: 'sha1,sha512', output: 'sums' },
    { types: ['sha1', 'sha512'], output: 'sums' },
  ],
  [
    { type: 'manifest', output: 'm.json', strip_path: true, strip_time: 'true' },
    { output: '/project/m.json', stripPath: true, stripTime: true },
  ],
  [{ type: 'manifest', filename: 'old.json' }, { output: '/project/old.json' }],
  [
    { type: 'artifice', files: ['a', '/b/*'], keep_input_artifact: false },
    { files: ['/project/a', '/b/*'], keepInput: false },
  ],
  ['vagrant', { path: { kind: 'template', source: 'packer_{{.BuildName}}_{{.Provider}}.box' }, include: [] }],
  [
    {
      type: 'vagrant',
      output: 'x/{{.Provider}}.box',
      compression_level: 12,
      include: ['a', '/b'],
      vagrantfile_template: 'Vagrantfile.tpl',
      vagrantfile_template_generated: true,
      provider_override: 'libvirt',
      architecture: 'arm64',
      keep_input_artifact: true,
    },
    {
      path: { kind: 'template', source: 'x/{{.Provider}}.box' },
      level: 9,
      include: ['/project/a', '/b'],
      vagrantfile: '/project/Vagrantfile.tpl',
      architecture: 'arm64',
      keepInput: true,
    },
  ],
  [
    'compress',
    { format: 'tar.gz', output: { kind: 'template', source: 'packer_{{.BuildName}}_{{.BuilderType}}' } },
  ],
  [{ type: 'compress', output: 'x.tar.xz' }, { format: 'tar.xz' }],
  [
    { type: 'compress', output: 'x.lz4', compression_level: 12 },
    { format: 'lz4', level: 9 },
  ],
  [{ type: 'compress', output: '{{.BuildName}}.zip' }, { format: 'zip' }],
  [{ type: 'compress', output: 'x.tar' }, { format: 'tar' }],
  [{ type: 'compress', output: 'x.tar.bzip2' }, { format: 'tar.bz2' }],
  [{ type: 'compress', output: 'x', format: 'gz' }, { format: 'gz' }],
  [{ type: 'compress', output: 'archive.unknown' }, { format: 'tar.gz' }],
  [
    { type: 'shell-local', inline: ['x'], execute_command: 'bash {{.Script}}' },
    { executeCommand: ['sh', '-c', { kind: 'template', source: 'bash {{.Script}}' }] },
  ],
];

test('the options of post-processors are found in the plan', () => {
  for (const [postProcessor, wanted] of rows) {
    const found: Fields = { ...output(postProcessor) };
    for (const [key, value] of Object.entries(wanted)) {
      assert.deepEqual(found[key], value, `${JSON.stringify(postProcessor)} → ${key}`);
    }
  }
});

const refused: readonly (readonly [postProcessor: unknown, message: RegExp])[] = [
  [{ type: 'checksum', checksum_types: ['md6'] }, /"md6" is no kind of checksum/],
  [{ type: 'artifice' }, /"files" is missing/],
  [{ type: 'compress', output: 'x.bgzf' }, /does not compress with bgzf/],
  [{ type: 'manifest', custom_data: 'x' }, /"custom_data" must be an object, not the text "x"/],
  [{ type: 'shell-local' }, /nothing says what to run/],
  [{ name: 'x' }, /the post-processor has no "type"/],
  [{ type: 'docker-push' }, /Kiln does not run the post-processor "docker-push" yet/],
  [{ type: 'manifest', only: ['a'], except: ['b'] }, /only one of "only" and "except"/],
  [5, /must be a name or an object, not the number 5/],
];

test('wrong post-processors are refused with the reason', () => {
  for (const [postProcessor, message] of refused) {
    const result = read(postProcessor);
    assert.equal(result.plan, undefined, JSON.stringify(postProcessor));
    assert.match(complaints(result).join('\n'), message, JSON.stringify(postProcessor));
  }
});
