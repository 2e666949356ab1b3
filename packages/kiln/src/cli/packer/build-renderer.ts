import type { KilnEvent, OutputLine, Progress, StageOutput } from '../../base/events.ts';
import type { Build, Plan } from '../../plan/plan.ts';
import { progressText } from '../render/progress-text.ts';
import type { Renderer } from '../render/renderer.ts';
import { BuildUi, buildColors } from './build-ui.ts';
import { elapsedText } from './elapsed.ts';
import { outputLine } from './output-line.ts';
import type { PackerUi } from './ui.ts';

export interface PackerRendererOptions {
  readonly color: boolean;
  /** Whether escape sequences may be written; the words about colours are there without them too. */
  readonly paint: boolean;
  readonly timestamps: boolean;
}

/** Between two lines about the same progress, in milliseconds. */
const progressInterval = 10_000;

interface Speaker {
  readonly name: string;
  readonly ui: BuildUi;
  readonly startedAt: number;
  /** Stands in front of lines: the name, or in an output `name (type)`. */
  prefix: string;
}

/** Draws the events of a run as Packer's `build` does, on standard output. */
export class PackerRenderer implements Renderer {
  readonly #ui: PackerUi;
  readonly #speakers = new Map<string, Speaker>();
  readonly #shownProgress = new Map<string, number>();

  constructor(plan: Plan, ui: PackerUi, options: PackerRendererOptions) {
    this.#ui = ui;
    const startedAt = performance.now();
    const colored = options.color && !ui.isMachineReadable;
    for (const [index, build] of plan.builds.entries()) {
      const name = shownName(plan, build);
      const color = colored && options.paint ? buildColors[index % buildColors.length] : undefined;
      const speaker = {
        name,
        prefix: name,
        startedAt,
        ui: new BuildUi(ui, { color, timestamps: options.timestamps }),
      };
      this.#speakers.set(build.name, speaker);
      if (colored) speaker.ui.introduce(name);
    }
    if (colored && plan.builds.length > 0) ui.say('');
  }

  readonly event = (event: KilnEvent): void => {
    const speaker = event.build === undefined ? undefined : this.#speakers.get(event.build);
    switch (event.kind) {
      case 'build-started':
        if (speaker) this.#speakers.set(event.build, { ...speaker, startedAt: performance.now() });
        break;
      case 'stage-started':
        if (!speaker || event.restored) break;
        if (event.output) {
          speaker.ui.say(speaker.name, outputTitle(event.output));
          speaker.prefix = `${speaker.name} (${event.output.kind})`;
        } else speaker.ui.say(speaker.name, event.stage);
        break;
      case 'stage-finished':
        if (!speaker) break;
        if (event.outcome === 'restored')
          speaker.ui.say(speaker.name, `${event.stage}: as in an earlier build`);
        speaker.prefix = speaker.name;
        break;
      case 'output':
        if (speaker) this.#output(speaker, event);
        break;
      case 'message':
        this.#message(speaker, event.level, event.text);
        break;
      case 'progress':
        this.#progress(speaker, event);
        break;
      case 'artifact':
        break;
      case 'build-finished': {
        if (!speaker) break;
        const after = elapsedText(performance.now() - speaker.startedAt);
        if (event.outcome === 'succeeded') {
          speaker.ui.plain(`Build '${speaker.name}' finished after ${after}.`);
        } else {
          const error = event.error ?? 'the build was cancelled';
          speaker.ui.plainError(`Build '${speaker.name}' errored after ${after}: ${error}`);
        }
        break;
      }
    }
  };

  /** A question of a build, which begins with the build's name, with the name that people see in front. */
  titled(question: string): string {
    for (const [build, { name }] of this.#speakers) {
      if (question.startsWith(`${build}: `)) return `==> ${name}: ${question.slice(build.length + 2)}`;
    }
    return question;
  }

  readonly note = (text: string): void => this.#ui.say(text);

  readonly pause = (): (() => void) => () => {};

  readonly close = (): void => {};

  #output({ ui, prefix }: Speaker, { line, stream }: OutputLine): void {
    if (stream === 'stdout') ui.say(prefix, outputLine(line));
    else ui.error(prefix, outputLine(line));
  }

  #message(speaker: Speaker | undefined, level: 'info' | 'warning' | 'error', text: string): void {
    const shown = level === 'info' ? text : `${level === 'warning' ? 'Warning' : 'Error'}: ${text}`;
    if (!speaker) {
      if (level === 'error') this.#ui.error(shown);
      else this.#ui.say(shown);
    } else if (level === 'error') speaker.ui.error(speaker.prefix, shown);
    else speaker.ui.say(speaker.prefix, shown);
  }

  /** First only what is being done: most work is over before numbers say anything. */
  #progress(speaker: Speaker | undefined, event: Progress): void {
    const key = `${event.build ?? ''}\n${event.label}`;
    const at = this.#shownProgress.get(key);
    const now = performance.now();
    if (at !== undefined && now - at < progressInterval) return;
    this.#shownProgress.set(key, now);
    this.#message(speaker, 'info', at === undefined ? event.label : `${event.label}: ${progressText(event)}`);
  }
}

/** A build of a JSON template is shown with its type in front, unless that is its name. */
export function shownName(plan: Plan, build: Pick<Build, 'name' | 'type'>): string {
  const isPlain = plan.origin.dialect !== 'packer-json' || build.name === build.type;
  return isPlain ? build.name : `${build.type}.${build.name}`;
}

function outputTitle({ kind, name }: StageOutput): string {
  return `Running post-processor: ${name === undefined || name === kind ? kind : `${name} (type ${kind})`}`;
}
