import { existsSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { formatDuration } from '../../base/durations.ts';
import type { SourceLocation } from '../../base/errors.ts';
import { fromFolder } from '../../base/yaml/notations.ts';
import type {
  ScriptSource,
  ShellLocalStep,
  ShellStep,
  SleepStep,
  Step,
  StepBase,
  StepCache,
} from '../../plan/step.ts';
import { compileAnsible } from './compile-ansible.ts';
import type { CompileContext } from './compile-context.ts';
import { compileCopy, compileFetch } from './compile-files.ts';
import { compileProfile } from './compile-profile.ts';
import { compilePuppet } from './compile-puppet.ts';
import type { StepEntry } from './step-fields.ts';

/** The steps of one image. */
export interface StepContext extends CompileContext {
  readonly loginUser: string;
  readonly builder: 'qemu' | 'rootfs';
  /** Name of the image or machine, by which tools know it. */
  readonly machineName: string;
  /** Values for parameters of profiles. */
  readonly parameters: Readonly<Record<string, string>>;
}

export function compileSteps(entries: readonly StepEntry[], context: StepContext): readonly Step[] {
  const steps: Step[] = [];
  // What a script of this host makes cannot be there yet.
  let generated = false;
  for (const entry of entries) {
    const base = baseOf(entry, context);
    steps.push(...compileStep(entry, base, { ...context, generated }));
    if (entry.action === 'local') generated = true;
  }
  return steps;
}

export interface OneStepContext extends StepContext {
  /** A script of this host has run before, so that files may be missing now. */
  readonly generated: boolean;
}

function compileStep(entry: StepEntry, base: StepBase, context: OneStepContext): readonly Step[] {
  switch (entry.action) {
    case 'run':
      return compileRun(entry.value, base, context);
    case 'profile':
      return compileProfile('a profile', entry.value, base, context);
    case 'copy':
      return compileCopy(entry.value, base, context);
    case 'fetch':
      return compileFetch(entry.value, base, context);
    case 'local': {
      const local = compileLocal(entry.value, base.at!, context);
      const name = local && scriptName(local.script, context.folder);
      return local ? [{ ...(name && { name }), ...base, kind: 'shell-local', ...local }] : [];
    }
    case 'ansible':
      return compileAnsible(entry.value, base, context);
    case 'puppet':
      return compilePuppet(entry.value, base, context);
    case 'reboot':
      if (!entry.value) return [];
      if (context.builder === 'rootfs') {
        context.problems.error(
          base.at!,
          'there is no machine that could be restarted: this image is built in a tree of files',
          'take the step out, or change "builder" to qemu',
        );
        return [];
      }
      return [
        {
          name: 'reboot',
          ...base,
          kind: 'reboot',
          patience: base.timeout > 0 ? base.timeout : rebootTimeout,
        },
      ];
    case 'sleep': {
      const step: SleepStep = {
        name: `sleep ${formatDuration(entry.value)}`,
        ...base,
        kind: 'sleep',
        duration: entry.value,
      };
      return [step];
    }
  }
}

function baseOf(entry: StepEntry, context: StepContext): StepBase {
  const { name, timeout, retries, pause, cache } = entry.common;
  return {
    ...(name !== undefined && { name }),
    pauseBefore: pause ?? 0,
    timeout: timeout ?? 0,
    maxRetries: retries ?? 0,
    ...(cache !== undefined && { cache: cacheOf(cache) }),
    at: context.places.of(entry),
  };
}

function cacheOf(value: NonNullable<StepEntry['common']['cache']>): StepCache {
  if (typeof value !== 'boolean') return { maxAge: value.max_age };
  return value ? {} : false;
}

type RunValue = Extract<StepEntry, { readonly action: 'run' }>['value'];
type LocalValue = Extract<StepEntry, { readonly action: 'local' }>['value'];
type RunFields = Exclude<RunValue, string | readonly string[]>;
type LocalFields = Exclude<LocalValue, string | readonly string[]>;

const strictShell = '/bin/sh -e';
/** Values are wrapped in single quotes; the step's runner escapes those inside. */
const environmentFormat = "%s='%s' ";

function compileRun(value: RunValue, base: StepBase, context: OneStepContext): readonly ShellStep[] {
  const fields: RunFields = isLines(value) ? { inline: value } : value;
  const script = scriptOf(fields, base.at!, context);
  if (!script) return [];
  const { user = 'root', shell, exit_codes, may_disconnect, env } = fields;
  return [
    {
      name: scriptName(script, context.folder),
      ...base,
      ...shellDefaults,
      kind: 'shell',
      script,
      inlineShebang: shell ?? strictShell,
      environment: [['DEBIAN_FRONTEND', 'noninteractive'], ...Object.entries(env ?? {})],
      executeCommand: executeAs(user, context.loginUser),
      validExitCodes: exit_codes?.length ? exit_codes : [0],
      expectDisconnect: may_disconnect ?? false,
    },
  ];
}

export const shellDefaults = {
  environmentFormat,
  useEnvironmentFile: false,
  environmentFileFolder: '/tmp',
  remoteFolder: '/tmp',
  skipClean: false,
  startRetryTimeout: 300_000,
  validExitCodes: [0],
  binary: false,
  pauseAfter: 0,
} as const;

/** How a script is started as `user` by somebody who is logged in as `login`. */
export function executeAs(user: string, login: string): ShellStep['executeCommand'] {
  const prepare = 'chmod 0755 {{ .Path }}; ';
  // `env` takes the assignments, because sudo may not let them through on its own command line.
  const script = 'env {{ .Vars }} {{ .Path }}';
  if (user === login) return { kind: 'template', source: `${prepare}${script}` };
  // root's own folder is closed to others.
  if (login === 'root') {
    return { kind: 'template', source: `${prepare}cd ~${user} && runuser -u ${user} -- ${script}` };
  }
  const as = user === 'root' ? '' : ` -u ${user}`;
  return { kind: 'template', source: `${prepare}sudo -n -H -E${as} ${script}` };
}

/** In milliseconds. */
const rebootTimeout = 600_000;

/** What people see of a script that has no name: its first line. */
function scriptName(script: ScriptSource, folder: string): string {
  if (script.kind === 'files') return `run ${script.paths.map((path) => relative(folder, path)).join(', ')}`;
  const lines = script.lines.flatMap((line) => (typeof line === 'string' ? line.split('\n') : []));
  const first = lines.find((line) => line.trim() !== '' && !line.trim().startsWith('#'))?.trim() ?? 'script';
  return `run ${first.length > 50 ? `${first.slice(0, 50)}…` : first}`;
}

/** What a script on this host needs, for a step and for an output. */
export function compileLocal(
  value: LocalValue,
  at: SourceLocation,
  context: CompileContext,
): Omit<ShellLocalStep, keyof StepBase | 'kind'> | undefined {
  const fields: LocalFields = isLines(value) ? { inline: value } : value;
  const script = scriptOf(fields, at, { ...context, generated: false });
  if (!script) return undefined;
  return {
    script,
    inlineShebang: strictShell,
    environment: Object.entries(fields.env ?? {}),
    environmentFormat,
    executeCommand: ['/bin/sh', '-c', { kind: 'template', source: '{{ .Vars }} {{ .Script }}' }],
    validExitCodes: [0],
    tempfileExtension: '',
    onlyOn: [],
  };
}

function isLines(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || Array.isArray(value);
}

function scriptOf(
  fields: Pick<LocalFields, 'inline' | 'script'>,
  at: SourceLocation,
  context: CompileContext & { readonly generated: boolean },
): ScriptSource | undefined {
  const { inline, script } = fields;
  if ((inline === undefined) === (script === undefined)) {
    context.problems.error(
      at,
      inline === undefined ? 'there is nothing to run' : 'a step has "inline" or "script", not both',
      'give "inline" with lines, or "script" with a file',
    );
    return undefined;
  }
  if (script !== undefined) {
    const path = fromFolder(context.folder, script);
    if (!context.generated && !existsSync(path)) {
      context.problems.error(
        at,
        `there is no file ${isAbsolute(script) ? script : `"${script}" in ${context.folder}`}`,
      );
      return undefined;
    }
    return { kind: 'files', paths: [path] };
  }
  const lines = typeof inline === 'string' ? [inline.replace(/\n+$/, '')] : (inline ?? []);
  if (lines.every((line) => line.trim() === '')) {
    context.problems.error(at, 'there is nothing to run');
    return undefined;
  }
  return { kind: 'inline', lines };
}
