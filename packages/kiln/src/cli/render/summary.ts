import { formatDuration } from '../../base/durations.ts';
import type { PlanResult } from '../../engine/plan-result.ts';
import type { Stream } from '../context.ts';
import { formatError } from '../report-error.ts';
import type { LastLines } from './last-lines.ts';

/** What was made, one thing a line: `web: image web:latest`. */
export function writeResults({ builds }: PlanResult, stream: Stream): void {
  for (const build of builds) {
    if (build.outcome === 'unchanged') stream.line(`${build.name}: unchanged`);
    for (const { description } of build.artifacts) {
      for (const line of description.split('\n')) stream.line(`${build.name}: ${line}`);
    }
  }
}

/** What failed, the last it printed, and where all of it stands. */
export function writeFailures({ builds }: PlanResult, lastLines: LastLines, stream: Stream): void {
  const { paint } = stream;
  for (const build of builds) {
    if (build.outcome === 'cancelled') stream.line(`${build.name}: ${paint('yellow', 'cancelled')}`);
    if (build.outcome !== 'failed') continue;
    const stage = lastLines.failedStage(build.name);
    stream.line();
    stream.line(
      `${paint('red', `build ${build.name} failed`)} after ${formatDuration(build.milliseconds)}${stage ? `, in ${stage}` : ''}`,
    );
    const printed = stage === undefined ? [] : lastLines.of(build.name);
    if (printed.length > 0) {
      stream.line(paint('dim', '  last output:'));
      for (const line of printed) stream.line(`  ${paint('dim', '|')} ${line}`);
    }
    for (const error of build.errors) stream.write(formatError(error, paint));
    if (build.logFile !== undefined) stream.line(`log: ${build.logFile}`);
  }
}
