import { KilnError } from '../base/errors.ts';
import type { ProfileStep } from '../plan/step.ts';
import { applyProfile } from '../profile/apply/apply-profile.ts';
import { describeReport } from '../profile/apply/describe-report.ts';
import type { StepRunner } from './step-context.ts';

/** Brings the machine to what a profile says. What is as it should be is left alone. */
export const runProfileStep: StepRunner<ProfileStep> = async (step, context) => {
  const { reports, counts } = await applyProfile(context.guest, step.profile, {
    mode: 'apply',
    fetch: context.fetch ?? noDownloads,
    scratch: context.scratch,
    signal: context.signal,
    onOutput: (line) => context.output(line, 'stdout'),
    onReport: (report) => {
      if (report.outcome !== 'ok') for (const line of describeReport(report)) context.say(line);
    },
  });
  const failed = reports.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    const [first] = failed;
    const others = counts.failed + counts.skipped - 1;
    const more = others > 0 ? `, and ${others} more` : '';
    throw new KilnError(
      'step-failed',
      `the profile ${step.profile.name} could not be applied: ${describeReport(first!)[0]}${more}`,
      step.at ? { at: step.at } : {},
    );
  }
  context.say(`${step.profile.name}: ${counts.changed} changed, ${counts.ok} as they should be`);
};

async function noDownloads(url: string): Promise<never> {
  throw new KilnError('unsupported', `${url} cannot be had: nothing is downloaded here`);
}
