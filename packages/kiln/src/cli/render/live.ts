import { formatDuration } from '../../base/durations.ts';
import type { BuildFinished, KilnEvent, StageFinished } from '../../base/events.ts';
import type { Stream } from '../context.ts';
import { cleanLine, truncate, widthOf } from './clean-line.ts';
import { messageText } from './plain.ts';
import { progressText } from './progress-text.ts';
import type { Renderer } from './renderer.ts';

/** Between two drawings, in milliseconds. */
const frame = 100;
const recentLines = 10;

interface RunningBuild {
  readonly name: string;
  readonly startedAt: number;
  stage: string;
  stageStartedAt: number;
  lastLine: string;
  /** What the stage printed last, for the question that may follow when it fails. */
  recent: string[];
  hasFailed: boolean;
  readonly progress: Map<string, string>;
}

export interface LiveOptions {
  /** What is told when a build has ended; the default is `build` and the outcome. */
  readonly describeEnd?: (event: BuildFinished) => string;
  /** Every line that builds print scrolls by: there is no log. Else only the last one is shown, as long as it is that. */
  readonly keepOutput?: boolean;
}

/**
 * For a person at a terminal: what is finished scrolls by, and below it stands a block that changes, with each
 * running build, its stage, how long that takes so far, and the last line it printed.
 */
export function createLiveRenderer(stream: Stream, options: LiveOptions = {}): Renderer {
  return new LiveRenderer(stream, options);
}

class LiveRenderer implements Renderer {
  readonly #stream: Stream;
  readonly #options: LiveOptions;
  readonly #builds = new Map<string, RunningBuild>();
  /** Progress of what belongs to no build. */
  readonly #progress = new Map<string, string>();
  #pending: string[] = [];
  /** Widths of the lines of the block as it was drawn: a narrower terminal has wrapped them since. */
  #drawn: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #paused = 0;
  #closed = false;
  readonly #restore = () => this.#stream.write(showCursor);

  constructor(stream: Stream, options: LiveOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.write(hideCursor);
    // Even a process that ends on the spot must leave a terminal with a cursor.
    process.once('exit', this.#restore);
    stream.raw.on('resize', this.#draw);
    this.#timer = setInterval(this.#draw, frame);
    this.#timer.unref();
  }

  readonly event = (event: KilnEvent): void => {
    const { paint } = this.#stream;
    switch (event.kind) {
      case 'build-started':
        this.#builds.set(event.build, {
          name: event.build,
          startedAt: performance.now(),
          stage: 'starting',
          stageStartedAt: performance.now(),
          lastLine: '',
          recent: [],
          hasFailed: false,
          progress: new Map(),
        });
        break;
      case 'stage-started': {
        const build = this.#builds.get(event.build);
        if (!build) break;
        build.stage = event.stage;
        build.stageStartedAt = performance.now();
        build.lastLine = '';
        build.recent = [];
        build.hasFailed = false;
        build.progress.clear();
        break;
      }
      case 'stage-finished':
        this.#scroll(this.#finishedLine(event, event.stage));
        if (event.outcome === 'failed') {
          const build = this.#builds.get(event.build);
          if (build) build.hasFailed = true;
        }
        break;
      case 'output': {
        const build = this.#builds.get(event.build);
        const line = cleanLine(event.line).trim();
        if (!build || line === '') break;
        if (this.#options.keepOutput) {
          this.#scroll(`  ${paint('bold', event.build)} ${paint('dim', '|')} ${cleanLine(event.line)}`);
          break;
        }
        build.lastLine = line;
        build.recent = [...build.recent, line].slice(-recentLines);
        break;
      }
      case 'message': {
        const name = event.build === undefined ? '' : `${paint('bold', event.build)} `;
        this.#scroll(`  ${name}${messageText(event.level, event.text, paint)}`);
        break;
      }
      case 'progress': {
        const all = event.build === undefined ? this.#progress : this.#builds.get(event.build)?.progress;
        if (event.total !== undefined && event.done >= event.total) all?.delete(event.label);
        else all?.set(event.label, progressText(event));
        break;
      }
      case 'artifact':
        break;
      case 'build-finished':
        this.#builds.delete(event.build);
        this.#scroll(
          this.#finishedLine(event, this.#options.describeEnd?.(event) ?? `build ${event.outcome}`),
        );
        break;
    }
  };

  readonly note = (text: string): void => {
    this.#scroll(text);
    this.#draw();
  };

  readonly pause = (): (() => void) => {
    // Who is asked what to do about a failure has to see it, and the block that showed it goes.
    for (const build of this.#builds.values()) {
      if (!build.hasFailed) continue;
      for (const line of build.recent) this.#scroll(`  ${this.#stream.paint('dim', '|')} ${line}`);
      build.recent = [];
    }
    this.#erase();
    this.#flush();
    this.#paused++;
    this.#stream.write(showCursor);
    return () => {
      this.#paused--;
      this.#stream.write(hideCursor);
    };
  };

  readonly close = (): void => {
    if (this.#closed) return;
    clearInterval(this.#timer);
    this.#stream.raw.off('resize', this.#draw);
    this.#erase();
    this.#flush();
    this.#closed = true;
    process.off('exit', this.#restore);
    this.#restore();
  };

  #finishedLine(event: StageFinished | BuildFinished, what: string): string {
    const { paint } = this.#stream;
    const mark = {
      succeeded: paint('green', '✔'),
      restored: paint('green', '↺'),
      failed: paint('red', '✘'),
      cancelled: paint('yellow', '■'),
    };
    return `${mark[event.outcome]} ${paint('bold', event.build)} ${what} ${paint('dim', formatDuration(event.milliseconds))}`;
  }

  /** Columns and rows. A terminal that nobody has given a size says that it has none of either. */
  #size(): readonly [columns: number, rows: number] {
    const { columns, rows } = this.#stream.raw;
    return [columns || 80, rows || 24];
  }

  #scroll(line: string): void {
    this.#pending.push(...line.split('\n'));
  }

  /** Draws everything at once, so that the terminal never shows a half. */
  readonly #draw = (): void => {
    if (this.#closed || this.#paused > 0) return;
    const [columns, rows] = this.#size();
    const lines = this.#block(columns).slice(0, Math.max(1, rows - 1));
    const text = [...this.#pending, ...lines.map((line) => line.painted)].map((line) => `${line}\n`).join('');
    const erase = this.#eraseSequence(columns);
    this.#pending = [];
    this.#drawn = lines.map((line) => line.width);
    this.#stream.write(`${beginUpdate}${erase}${text}${endUpdate}`);
  };

  #block(columns: number): { painted: string; width: number }[] {
    const { paint } = this.#stream;
    const now = performance.now();
    const lines: { painted: string; width: number }[] = [];
    const add = (plain: string, painted: (text: string) => string) => {
      const text = truncate(plain, columns - 1);
      lines.push({ painted: painted(text), width: widthOf(text) });
    };
    for (const [label, text] of this.#progress) add(`  ${label}: ${text}`, (line) => line);
    for (const build of this.#builds.values()) {
      const spinner = spinnerFrames[Math.floor(now / frame) % spinnerFrames.length]!;
      const elapsed = formatDuration(Math.floor((now - build.stageStartedAt) / 100) * 100);
      add(`${spinner} ${build.name} ${build.stage} ${elapsed}`, (line) =>
        line.replace(
          `${spinner} ${build.name}`,
          () => `${paint('cyan', spinner)} ${paint('bold', build.name)}`,
        ),
      );
      for (const [label, text] of build.progress) add(`    ${label}: ${text}`, (line) => paint('dim', line));
      if (build.lastLine !== '') add(`    ${build.lastLine}`, (line) => paint('dim', line));
    }
    return lines;
  }

  #eraseSequence(columns: number): string {
    const rows = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return rows === 0 ? '' : `\x1b[${rows}A\r\x1b[J`;
  }

  #erase(): void {
    this.#stream.write(this.#eraseSequence(this.#size()[0]));
    this.#drawn = [];
  }

  #flush(): void {
    this.#stream.write(this.#pending.map((line) => `${line}\n`).join(''));
    this.#pending = [];
  }
}

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** "Synchronized output": terminals that know it show the frame at once, others ignore it. */
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';
const spinnerFrames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
