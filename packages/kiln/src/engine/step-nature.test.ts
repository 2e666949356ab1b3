import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '../plan/source.ts';
import type { FileStep, Step, StepBase } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import { natureOf } from './step-nature.ts';
import { imageBuild, shellLocal, shellStep } from './test-support.ts';

const machine = imageBuild('web', { kind: 'store', reference: 'base' }).source;
const base: StepBase = { pauseBefore: 0, timeout: 0, maxRetries: 0 };

function file(direction: FileStep['direction'], source: Text, more: Partial<FileStep> = {}): FileStep {
  return {
    ...base,
    kind: 'file',
    direction,
    sources: [source],
    destination: '/x',
    generated: false,
    ...more,
  };
}

/** `restorable machine changed`, say: what a nature is, in three words. */
function words(step: Step, source: Source = machine): string {
  const { restorable, needsMachine, machineAfter, reason } = natureOf(step, source);
  assert.equal(reason !== undefined, !restorable, 'a step that runs every time says why, and no other');
  return [restorable ? 'restorable' : 'runs', needsMachine ? 'machine' : 'alone', machineAfter].join(' ');
}

const late: Text = { kind: 'template', source: '{{ build `Host` }}' };
const cases: readonly (readonly [what: string, step: Step, expected: string])[] = [
  ['a script in the machine', shellStep('x'), 'restorable machine changed'],
  ['a sleep', { ...base, kind: 'sleep', duration: 1 }, 'restorable machine changed'],
  ['an upload', file('upload', '/a'), 'restorable machine changed'],
  ['an upload of something whose name is not known yet', file('upload', late), 'runs machine unknown'],
  ['a download', file('download', '/a'), 'runs machine same'],
  ['a download that is declared', file('download', '/a', { cache: {} }), 'restorable machine changed'],
  ['a local script', shellLocal('make'), 'runs alone same'],
  ['a local script with an age', shellLocal('make', { cache: { maxAge: 1 } }), 'restorable alone changed'],
  ['a local script that asks where the machine is', shellLocal(late), 'runs machine unknown'],
  ['the same, declared', shellLocal(late, { cache: {} }), 'restorable machine changed'],
  [
    'a local script that asks by a template of old',
    shellLocal({ kind: 'template', source: 'ping {{ .Port }}' }),
    'runs machine unknown',
  ],
  ['a breakpoint', { ...base, kind: 'breakpoint', note: '', disabled: false }, 'runs machine unknown'],
  [
    'a breakpoint that is off',
    { ...base, kind: 'breakpoint', note: '', disabled: true },
    'restorable alone same',
  ],
  ['any step whose cache is off', { ...shellStep('x'), cache: false }, 'runs machine unknown'],
];
for (const [what, step, expected] of cases) {
  test(`${what}: ${expected}`, () => assert.equal(words(step), expected));
}

test('a local script may know a machine that is always at the same port', () => {
  assert.equal(machine.kind, 'qemu');
  if (machine.kind !== 'qemu') return;
  const fixed: Source = { ...machine, boot: { ...machine.boot, hostPortMin: 2222, hostPortMax: 2222 } };
  assert.equal(words(shellLocal('make'), fixed), 'runs machine unknown');
  const asItIs: Source = { ...machine, boot: { ...machine.boot, skipNatMapping: true } };
  assert.equal(words(shellLocal('make'), asItIs), 'runs machine unknown');
  const elsewhere: Source = { kind: 'null', communicator: { kind: 'none' } };
  assert.equal(words(shellLocal('make'), elsewhere), 'runs machine unknown');
});

test('what is downloaded without a digest runs every time', () => {
  const url = 'https://example.com/a.sh';
  const script = { ...shellStep('x'), download: { url, digests: [] } };
  assert.equal(words(script), 'runs machine unknown');
  const digests = [{ algorithm: 'sha256', hex: 'a'.repeat(64) }] as const;
  assert.equal(words({ ...script, download: { url, digests } }), 'restorable machine changed');
});
