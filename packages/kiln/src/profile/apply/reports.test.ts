import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeReport } from './describe-report.ts';
import { ReportReader, type ResourceReport } from './reports.ts';

function read(lines: readonly string[]) {
  const reports: ResourceReport[] = [];
  const output: string[] = [];
  const reader = new ReportReader(
    't0k',
    [
      { kind: 'file', name: '/a' },
      { kind: 'package', name: 'b' },
    ],
    {
      onReport: (report) => reports.push(report),
      onOutput: (line) => output.push(line),
    },
  );
  for (const line of lines) reader.line(line);
  return { reports, output, reader };
}

test('reports are read from between the lines of programs', () => {
  const { reports, output, reader } = read([
    'hello',
    '@kiln t0k\tbegin\t1',
    '@kiln t0k\tdiffers\tmode\t644\t600',
    '@kiln t0k\tdiffers\tcontent\ta\\nb\\\\n\\tc\t',
    'no line end@kiln t0k\tend\t1\tchanged\t',
    '@kiln t0k\tbegin\t2',
    'E: it broke',
    '@kiln t0k\tend\t2\tfailed\tapt ended with 100',
    '@kiln t0k\tdone\t1',
  ]);
  assert.deepEqual(reports, [
    {
      resource: { kind: 'file', name: '/a' },
      outcome: 'changed',
      differences: [
        { what: 'mode', expected: '644', actual: '600' },
        { what: 'content', expected: 'a\nb\\n\tc', actual: '' },
      ],
    },
    {
      resource: { kind: 'package', name: 'b' },
      outcome: 'failed',
      differences: [],
      message: 'apt ended with 100',
      output: ['E: it broke'],
    },
  ]);
  assert.deepEqual(output, ['hello', 'no line end', 'E: it broke']);
  assert.equal(reader.done, 1);
});

test('who does not know the token reports nothing', () => {
  const { reports, output, reader } = read([
    '@kiln other\tend\t1\tok\t',
    '@kiln t0\tdone\t0',
    '@kiln \tdone\t0',
  ]);
  assert.deepEqual(reports, []);
  assert.equal(output.length, 3);
  assert.equal(reader.done, undefined);
});

test('a report is told in lines that nothing in it can break', () => {
  const report: ResourceReport = {
    resource: { kind: 'file', name: '/a\nb' },
    outcome: 'would-change',
    differences: [{ what: 'target', expected: `sha256:${'a'.repeat(64)}`, actual: 'x\u001b[2J\ty' }],
  };
  assert.deepEqual(describeReport(report), [
    'file /a\\nb would change',
    '  target: x\\u001b[2J\\ty, should be sha256:aaaaaaaaaaaa…',
  ]);
});
