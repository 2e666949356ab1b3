import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAssignments, scriptEnvironment } from './environment.ts';
import { recordedContext } from './testing/step-context.ts';

test('the variables of Packer come with those of the step, sorted, and the step wins', async (t) => {
  const context = await recordedContext(t, {
    values: { PackerHTTPAddr: '10.0.2.2:8123', PackerHTTPIP: '10.0.2.2', PackerHTTPPort: '8123' },
  });
  const assignments = scriptEnvironment(
    [
      ['Z', 'last'],
      ['A', 'first'],
      ['A', 'second'],
      ['PACKER_BUILD_NAME', 'mine'],
      ['PORT', { kind: 'template', source: '{{ .PackerHTTPPort }}' }],
    ],
    context,
  );
  assert.deepEqual(assignments, [
    ['A', 'second'],
    ['PACKER_BUILDER_TYPE', 'qemu'],
    ['PACKER_BUILD_NAME', 'mine'],
    ['PACKER_HTTP_ADDR', '10.0.2.2:8123'],
    ['PACKER_HTTP_IP', '10.0.2.2'],
    ['PACKER_HTTP_PORT', '8123'],
    ['PORT', '8123'],
    ['Z', 'last'],
  ]);
});

test('a server that the builder does not have is left out', async (t) => {
  const context = await recordedContext(t, {
    values: { PackerHTTPIP: 'ERR_HTTP_IP_NOT_IMPLEMENTED_BY_BUILDER', PackerHTTPPort: '' },
  });
  const names = scriptEnvironment([], context).map(([name]) => name);
  assert.deepEqual(names, ['PACKER_BUILDER_TYPE', 'PACKER_BUILD_NAME']);
});

test('a format places name and value, and quotes in values survive single quotes', () => {
  const assignments = [['A', "it's $x"]] as const;
  assert.equal(formatAssignments(assignments, "%s='%s' "), `A='it'"'"'s $x' `);
  assert.equal(
    formatAssignments(assignments, "export %[1]s='%[2]s' 100%%\n"),
    `export A='it'"'"'s $x' 100%\n`,
  );
  assert.equal(formatAssignments([], "%s='%s' "), '');
});
