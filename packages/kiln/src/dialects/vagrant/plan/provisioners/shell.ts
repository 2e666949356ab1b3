import { basename } from 'node:path';
import type { SourceLocation } from '../../../../base/errors.ts';
import { shellQuote } from '../../../../guests/shell-quote.ts';
import type { ScriptDownload, ShellStep, Step } from '../../../../plan/step.ts';
import { isTruthy, mapOf, textOr } from '../../finish/coerce.ts';
import type { Options } from '../../vagrant-config.ts';
import { onHost, type Planning } from '../planning.ts';
import type { ProvisionerCompiler } from './compiler.ts';

const standardPath = '/tmp/vagrant-shell';
/** Images of containers need have neither bash nor sudo; commands run as root there. */
const containerShell = 'sh -l';
/** How long a machine may take to be back, in milliseconds. */
const patience = 300_000;

/** https://developer.hashicorp.com/vagrant/docs/provisioning/shell */
export const compileShell: ProvisionerCompiler = ({ settings, at }, planning) =>
  shellSteps(settings, at, planning);

/** Also for what triggers run in machines. */
export function shellSteps(settings: Options, at: SourceLocation, planning: Planning): readonly Step[] {
  const steps: Step[] = [];
  if (isTruthy(settings['inline']) || isTruthy(settings['path'])) {
    steps.push(shellStep(settings, at, planning));
  }
  if (isTruthy(settings['reboot'])) {
    steps.push({ kind: 'reboot', patience, pauseBefore: 0, timeout: 0, maxRetries: 0, at });
  }
  return steps;
}

function shellStep(settings: Options, at: SourceLocation, planning: Planning): ShellStep {
  const path = textOr(settings['path']);
  const remotePath = textOr(settings['upload_path']) || standardPath;
  const download = path !== undefined && isUrl(path) ? downloadOf(path, settings) : undefined;
  const name = textOr(settings['name']) ?? (path === undefined ? undefined : basename(path));
  const inline = textOr(settings['inline']) ?? '';
  return {
    kind: 'shell',
    ...(name !== undefined && { name }),
    script:
      path === undefined || download !== undefined
        ? { kind: 'inline', lines: [inline] }
        : { kind: 'files', paths: [onHost(planning, path)] },
    ...(download !== undefined && { download }),
    inlineShebang: '',
    environment: [],
    environmentFormat: '',
    useEnvironmentFile: false,
    environmentFileFolder: '/tmp',
    executeCommand: commandLine(settings, remotePath, planning),
    remoteFolder: '/tmp',
    remotePath,
    skipClean: false,
    expectDisconnect: false,
    startRetryTimeout: patience,
    validExitCodes: [0],
    binary: isTruthy(settings['binary']),
    pauseAfter: 0,
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    // What the address has may be another script tomorrow.
    ...(download?.digests.length === 0 && { cache: false as const }),
    at,
  };
}

/**
 * The line that runs the script: with its variables and arguments it is read by the shell of `config.ssh.shell`, as root
 * by way of `config.ssh.sudo_command`. Shells get it as input, because what the setting says need not take `-c`. The
 * quotes around variables and arguments are double ones, so that `$NAME` in them means something in the machine.
 */
function commandLine(settings: Options, remotePath: string, planning: Planning): string {
  const { ssh } = planning.machine;
  const variables = Object.entries(mapOf(settings['env'])).map(
    ([name, value]) => `${name}=${inDoubleQuotes(rubyText(value))}`,
  );
  const given = settings['args'];
  const words = Array.isArray(given)
    ? given.map((one) => inDoubleQuotes(String(one)))
    : [textOr(given) ?? ''];
  const line = [...variables, remotePath, ...words, '</dev/null'].filter((word) => word !== '').join(' ');
  const isRoot = planning.machine.provider === 'docker';
  const privileged = isTruthy(settings['privileged']) && !isRoot;
  const own = isRoot ? containerShell : ssh.shell;
  const shell = privileged ? ssh.sudo_command.replaceAll('%c', own) : own;
  return `printf '%s\\n' ${shellQuote(line)} | ${shell}`;
}

function inDoubleQuotes(text: string): string {
  return `"${text.replaceAll('"', '"\\""')}"`;
}

/** As Ruby's `to_s`. */
function rubyText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function isUrl(path: string): boolean {
  return /^(?:ftp|https?):\/\//i.test(path);
}

function downloadOf(url: string, settings: Options): ScriptDownload {
  const digests = (['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const).flatMap((algorithm) => {
    const hex = textOr(settings[algorithm]);
    return hex === undefined || hex === '' ? [] : [{ algorithm, hex: hex.toLowerCase() }];
  });
  return { url, digests };
}
