import { didYouMean } from '../../../base/suggest.ts';
import type { ElevatedUser, PowershellStep } from '../../../plan/step.ts';
import type { Text } from '../../../plan/text.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { readEnvironment } from './environment.ts';
import { readExitCodes, readScript } from './shell.ts';
import type { StepMeta } from './step-meta.ts';

/** The runner puts its own values into a command, whatever the template says. */
const lateCommand: LateData = {
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, 'Vars', 'Path']),
  always: true,
};

/** In this order a template may also give their numbers, from 0. */
const policies = [
  'bypass',
  'allsigned',
  'default',
  'remotesigned',
  'restricted',
  'undefined',
  'unrestricted',
  'none',
];

const defaultFormat = '$env:%s="%s"; ';

/** Packer's powershell provisioner (https://developer.hashicorp.com/packer/docs/provisioners/powershell). */
export function readPowershellProvisioner(options: Options, meta: StepMeta): PowershellStep | undefined {
  const script = readScript(options);
  const debugLevel = readDebugLevel(options);
  const usual = usualCommand(options, script?.kind === 'inline', debugLevel);
  const elevated = readElevated(options, usual);
  const remotePath = options.string('remote_path');
  const environmentFile = options.string('remote_env_var_path');
  const step = {
    environment: readEnvironment(options),
    environmentFormat: options.string('env_var_format') ?? defaultFormat,
    executeCommand: options.text('execute_command', lateCommand) ?? usual,
    debugLevel,
    skipClean: options.boolean('skip_clean'),
    startRetryTimeout: options.duration('start_retry_timeout') || 300_000,
    validExitCodes: readExitCodes(options),
    pauseAfter: options.duration('pause_after') ?? 0,
  };
  // Scripts are sent as they are in any case.
  options.boolean('binary');
  options.finish();
  if (!script) return undefined;
  return {
    kind: 'powershell',
    ...meta,
    script,
    ...step,
    ...(elevated && { elevated }),
    ...(remotePath !== undefined && { remotePath }),
    ...(environmentFile !== undefined && { environmentFile }),
  };
}

function readDebugLevel(options: Options): number {
  const level = options.integer('debug_mode') ?? 0;
  if (level >= 0 && level <= 2) return level;
  options.error('debug_mode', `"debug_mode" is 0, 1 or 2, not ${level}`);
  return 0;
}

/**
 * The command of Packer's defaults. Inline lines are sent with the assignments and everything else inside of one file,
 * while a script of the template's own is surrounded by them.
 */
function usualCommand(options: Options, isInline: boolean, debugLevel: number): Text {
  const policy = readPolicy(options);
  const program = options.boolean('use_pwsh') ? 'pwsh' : 'powershell';
  if (isInline) {
    const file = '-file {{.Path}}';
    return template(policy === 'none' ? file : `${program} -executionpolicy ${policy} ${file}`);
  }
  const script =
    '& { if (Test-Path variable:global:ProgressPreference)' +
    "{set-variable -name variable:global:ProgressPreference -value 'SilentlyContinue'};" +
    (debugLevel > 0 ? `Set-PsDebug -Trace ${debugLevel};` : '') +
    ". {{.Vars}}; &'{{.Path}}'; exit $LastExitCode }";
  if (policy === 'none') return template(script);
  const option = program === 'pwsh' ? '-command ' : '';
  return template(`${program} -executionpolicy ${policy} ${option}"${script}"`);
}

function template(source: string): Text {
  return { kind: 'template', source };
}

function readPolicy(options: Options): string {
  const given = options.string('execution_policy') ?? 'bypass';
  const name = /^\d+$/.test(given) ? policies[Number(given)] : given.toLowerCase();
  if (name !== undefined && policies.includes(name)) return name;
  options.error(
    'execution_policy',
    `"execution_policy" is one of ${policies.join(', ')}, not "${given}"`,
    didYouMean(given, policies),
  );
  return 'bypass';
}

function readElevated(options: Options, usual: Text): ElevatedUser | undefined {
  const user = options.text('elevated_user', lateBuildValues);
  const password = options.text('elevated_password', lateBuildValues);
  const elevated = {
    password: password ?? '',
    environmentFormat: options.string('elevated_env_var_format') ?? defaultFormat,
    executeCommand: options.text('elevated_execute_command', lateCommand) ?? usual,
  };
  if (user !== undefined) return { user, ...elevated };
  if (password !== undefined) {
    options.error('elevated_password', '"elevated_password" without "elevated_user" is nobody\'s password');
  }
  return undefined;
}
