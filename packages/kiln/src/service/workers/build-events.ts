import type { RunStepRow } from '../runs/run-tables.ts';
import type { RunSubState } from '../runs/runs.ts';

/** What the lines of `kiln build --json` say, for a run. */
export type BuildNews =
  | { readonly kind: 'log'; readonly text: string }
  | {
      readonly kind: 'step-started';
      readonly position: number;
      readonly name: string;
      readonly subState: RunSubState;
    }
  | {
      readonly kind: 'step-ended';
      readonly position: number;
      readonly name: string;
      readonly subState: RunSubState;
      readonly state: Exclude<RunStepRow['state'], 'Running'>;
      readonly milliseconds: number;
    }
  /** Disks that a failed step's `abort` has left. */
  | { readonly kind: 'kept'; readonly folder: string }
  | { readonly kind: 'errors'; readonly errors: readonly BuildError[] };

export interface BuildError {
  readonly code: string;
  readonly message: string;
}

/** Which sub-state a stage of a build belongs to; undefined for one that changes nothing. */
export type SubStateOf = (stage: string) => RunSubState | undefined;

/** Stages of builds of Azure's templates: customizers, then what is validated in the machine. */
export function subStateOfStage(stage: string): RunSubState | undefined {
  const [, name] = /^step \d+ of \d+: (.*)$/.exec(stage) ?? [];
  if (name === undefined) return undefined;
  return name.startsWith('validate: ') ? 'Validating' : 'Customizing';
}

const endings: Readonly<Record<string, Exclude<RunStepRow['state'], 'Running'>>> = {
  succeeded: 'Succeeded',
  restored: 'Restored',
  failed: 'Failed',
  cancelled: 'Canceled',
};

/** Reads the events of one build, line by line. What is no event is the log's all the same. */
export class BuildEvents {
  readonly #subStateOf: SubStateOf;
  readonly #positions = new Map<string, { readonly position: number; readonly subState: RunSubState }>();
  #subState: RunSubState = 'Building';

  constructor(subStateOf: SubStateOf) {
    this.#subStateOf = subStateOf;
  }

  read(line: string): readonly BuildNews[] {
    const event = parse(line);
    if (!event) return line === '' ? [] : [{ kind: 'log', text: line }];
    const stage = text(event.stage);
    switch (event.event) {
      case 'build-started':
        return [{ kind: 'log', text: 'the build begins' }];
      case 'stage-started': {
        this.#subState = this.#subStateOf(stage) ?? this.#subState;
        const position = this.#positions.size + 1;
        const place = { position, subState: this.#subState };
        this.#positions.set(stage, place);
        return [
          { kind: 'log', text: `${stage}${event.restored === true ? ' (its result is there)' : ''}` },
          { kind: 'step-started', name: stage, ...place },
        ];
      }
      case 'stage-finished': {
        const place = this.#positions.get(stage);
        const state = endings[text(event.outcome)] ?? 'Failed';
        const milliseconds = typeof event.milliseconds === 'number' ? Math.round(event.milliseconds) : 0;
        return [
          {
            kind: 'log',
            text: `${stage}: ${text(event.outcome)} after ${(milliseconds / 1000).toFixed(1)} s`,
          },
          ...(place ? [{ kind: 'step-ended' as const, name: stage, ...place, state, milliseconds }] : []),
        ];
      }
      case 'output':
        return [{ kind: 'log', text: `    ${text(event.line)}` }];
      case 'message': {
        const said = text(event.text);
        const [, folder] = /disks are kept in (.+)$/.exec(said) ?? [];
        const level = event.level === 'info' ? '' : `${text(event.level)}: `;
        return [
          { kind: 'log', text: `${level}${said}` },
          ...(folder === undefined ? [] : [{ kind: 'kept' as const, folder }]),
        ];
      }
      case 'error':
      case 'warning': {
        const hint = text(event.hint);
        const said = `${event.event}: ${text(event.message)}${hint === '' ? '' : `; ${hint}`}`;
        const error = { code: text(event.code) || 'error', message: text(event.message) };
        return [
          { kind: 'log', text: said },
          ...(event.event === 'error' ? [{ kind: 'errors' as const, errors: [error] }] : []),
        ];
      }
      case 'build-finished':
        return [
          {
            kind: 'log',
            text: `the build ${text(event.outcome)}${event.error ? `: ${text(event.error)}` : ''}`,
          },
        ];
      case 'finished':
        return [{ kind: 'errors', errors: errorsOf(event.builds) }];
      default:
        return [];
    }
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'event' in value
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function errorsOf(builds: unknown): readonly BuildError[] {
  if (!Array.isArray(builds)) return [];
  return builds.flatMap((build: unknown) => {
    const { errors } = (build ?? {}) as { readonly errors?: unknown };
    if (!Array.isArray(errors)) return [];
    return errors.map((error: unknown) => {
      const { code, message } = (error ?? {}) as Record<string, unknown>;
      return { code: text(code) || 'error', message: text(message) };
    });
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
