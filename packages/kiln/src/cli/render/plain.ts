import { formatDuration } from '../../base/durations.ts';
import type { KilnEvent, Progress } from '../../base/events.ts';
import type { Color } from '../colors.ts';
import type { Stream } from '../context.ts';
import { cleanLine } from './clean-line.ts';
import { progressText } from './progress-text.ts';
import type { Renderer } from './renderer.ts';

export interface PlainOptions {
  /** Put the time of day in front of every line. */
  readonly timestamps: boolean;
}

/** Between two lines about the same progress, in milliseconds: logs should not be flooded. */
const progressInterval = 10_000;

const prefixColors: readonly Color[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];

/** Lines with the build's name in front, for logs and pipes. */
export function createPlainRenderer(stream: Stream, options: PlainOptions): Renderer {
  const { paint } = stream;
  const colors = new Map<string, Color>();
  const shownProgress = new Map<string, number>();
  let closed = false;

  const write = (text: string) => {
    if (closed) return;
    const time = options.timestamps ? `${paint('dim', new Date().toISOString())} ` : '';
    stream.line(`${time}${text}`);
  };
  const prefix = (build: string | undefined) => {
    if (build === undefined) return '';
    const color = colors.get(build) ?? prefixColors[colors.size % prefixColors.length]!;
    colors.set(build, color);
    return `${paint(color, `${build}:`)} `;
  };
  // First only what is being done: most work is over before numbers say anything.
  const progress = (event: Progress) => {
    const key = `${event.build ?? ''}\n${event.label}`;
    const at = shownProgress.get(key);
    const now = performance.now();
    if (at !== undefined && now - at < progressInterval) return;
    shownProgress.set(key, now);
    write(`${prefix(event.build)}${event.label}${at === undefined ? '' : `: ${progressText(event)}`}`);
  };

  return {
    event: (event: KilnEvent) => {
      switch (event.kind) {
        case 'build-started':
          return write(`${prefix(event.build)}${paint('bold', 'build started')}`);
        case 'stage-started':
          if (event.restored) return;
          return write(`${prefix(event.build)}${paint('bold', `== ${event.stage}`)}`);
        case 'stage-finished':
          if (event.outcome === 'restored') return write(`${prefix(event.build)}== ${event.stage}: restored`);
          return write(
            `${prefix(event.build)}== ${event.stage}: ${outcomeText(event.outcome, paint)} after ${formatDuration(event.milliseconds)}`,
          );
        case 'output':
          return write(`${prefix(event.build)}   ${cleanLine(event.line)}`);
        case 'message':
          return write(`${prefix(event.build)}${messageText(event.level, event.text, paint)}`);
        case 'progress':
          return progress(event);
        case 'artifact':
          return write(`${prefix(event.build)}made ${event.description}`);
        case 'build-finished':
          return write(
            `${prefix(event.build)}${paint('bold', 'build')} ${outcomeText(event.outcome, paint)} after ${formatDuration(event.milliseconds)}`,
          );
      }
    },
    note: (text) => write(text),
    pause: () => () => {},
    close: () => {
      closed = true;
    },
  };
}

const outcomeColors = { succeeded: 'green', failed: 'red', cancelled: 'yellow' } as const;

export function outcomeText(outcome: keyof typeof outcomeColors, paint: Stream['paint']): string {
  return paint(outcomeColors[outcome], outcome);
}

export function messageText(
  level: 'info' | 'warning' | 'error',
  text: string,
  paint: Stream['paint'],
): string {
  if (level === 'info') return text;
  return `${paint(level === 'warning' ? 'yellow' : 'red', `${level}:`)} ${text}`;
}
