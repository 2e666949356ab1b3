import type { ShownRun } from './watched-run.ts';

/**
 * A run as JUnit XML, as far as continuous integration reads it
 * (https://github.com/testmoapp/junitxml): a case for each step of the last attempt and for each target.
 */
export function junitReport(run: ShownRun): string {
  const name = run.templateId.split('/').at(-1) ?? 'template';
  const steps = run.steps.filter(({ attempt }) => attempt === run.attempts);
  const cases = [
    ...steps.map((step) => ({
      name: step.name,
      group: step.subState,
      seconds: (step.milliseconds ?? 0) / 1000,
      fault: step.state === 'Failed' ? run.message : undefined,
      skipped: step.state === 'Canceled',
    })),
    ...run.artifacts.map((one) => ({
      name: one.name,
      group: 'Distributing',
      seconds: 0,
      fault: one.state === 'Failed' ? (one.message ?? 'it was not distributed') : undefined,
      skipped: one.state === 'Canceled',
    })),
  ];
  // A run that failed outside of all steps must not look like a success.
  if (run.state !== 'Succeeded' && !cases.some(({ fault }) => fault !== undefined)) {
    cases.push({ name: 'run', group: 'run', seconds: 0, fault: run.message || run.state, skipped: false });
  }
  const failures = cases.filter(({ fault }) => fault !== undefined).length;
  const skipped = cases.filter((one) => one.skipped).length;
  const total = cases.reduce((sum, { seconds }) => sum + seconds, 0);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${total.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(name)}" ${counts}>`,
    `  <testsuite name="${escaped(name)}" ${counts} timestamp="${run.queuedAt}">`,
    ...cases.map((one) => {
      const head = `    <testcase classname="${escaped(`${name}.${one.group}`)}" name="${escaped(one.name)}" time="${one.seconds.toFixed(3)}"`;
      if (one.fault !== undefined) {
        return `${head}><failure message="${escaped(one.fault)}" type="${escaped(run.failure?.code ?? run.state)}"/></testcase>`;
      }
      return one.skipped ? `${head}><skipped/></testcase>` : `${head}/>`;
    }),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** Characters that XML 1.0 does not have at all are left out. */
function escaped(text: string): string {
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return [...text]
    .filter((one) => /[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(one))
    .map((one) => marks[one] ?? (one === '\n' ? '&#10;' : one))
    .join('');
}
