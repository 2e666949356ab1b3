import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { licenseExpression } from './license-expression.ts';
import { exceptionIds, licenseIds } from './license-ids.ts';

const cases: readonly (readonly [licenses: readonly string[], expression: string | undefined])[] = [
  [[], undefined],
  [['Expat'], 'MIT'],
  [['GPL-2+'], 'GPL-2.0-or-later'],
  [['GPL-2'], 'GPL-2.0-only'],
  [['GPLv2+'], 'GPL-2.0-or-later'],
  [['LGPL-2.1+'], 'LGPL-2.1-or-later'],
  [['GFDL-NIV-1.3+'], 'GFDL-1.3-no-invariants-or-later'],
  [['GPL-2.0-only'], 'GPL-2.0-only'],
  [['bsd-3-clause'], 'BSD-3-Clause'],
  [['ASL 2.0'], 'Apache-2.0'],
  [['GPL-1+ or Artistic'], 'GPL-1.0-or-later OR Artistic-1.0-Perl'],
  [['GPL-1+ or Artistic, and Expat'], '(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT'],
  [['MIT', 'GPL-2+ or MIT'], 'MIT AND (GPL-2.0-or-later OR MIT)'],
  [['Expat', 'MIT'], 'MIT'],
  [['GPL-2 with Linux-syscall-note exception'], 'GPL-2.0-only WITH Linux-syscall-note'],
  [['GPL-3+ with Bison exception'], 'GPL-3.0-or-later WITH Bison-exception-2.2'],
  [['GPL-2+ with strange exception'], 'LicenseRef-GPL-2-with-strange-exception'],
  [['public-domain'], 'LicenseRef-public-domain'],
  [["Paul-Vixie's-license"], 'LicenseRef-Paul-Vixie-s-license'],
  [['GPL-3+-or-later thing'], 'LicenseRef-GPL-3-or-later-thing'],
  [['***'], 'LicenseRef-unnamed'],
];

for (const [licenses, expression] of cases) {
  test(`${JSON.stringify(licenses)} is ${expression ?? 'nothing'}`, () => {
    assert.equal(licenseExpression(licenses)?.expression, expression);
  });
}

test('two names that look the same without their signs stay two', () => {
  const found = licenseExpression(['My License', 'My/License'])!;
  assert.equal(found.expression, 'LicenseRef-My-License AND LicenseRef-My-License-2');
  assert.deepEqual([...found.references.values()], ['My License', 'My/License']);
});

test('every identifier that is written is on the official lists', () => {
  const path = import.meta.resolve('@cyclonedx/cyclonedx-library/package.json');
  const schema = new URL('res/schema/spdx.SNAPSHOT.schema.json', path);
  const { enum: official } = JSON.parse(readFileSync(fileURLToPath(schema), 'utf8')) as { enum: string[] };
  const unknown = [...licenseIds, ...exceptionIds.values()].filter((id) => !official.includes(id));
  assert.deepEqual(unknown, []);
});
