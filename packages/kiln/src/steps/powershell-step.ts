import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { KilnError } from '../base/errors.ts';
import type { GuestExit } from '../guests/guest.ts';
import type { PowershellStep } from '../plan/step.ts';
import { downloadScript } from './download-script.ts';
import { elevatedRunner } from './elevated-runner.ts';
import { formatAssignments, scriptEnvironment } from './environment.ts';
import { checkWindowsExit } from './exit-code.ts';
import { pauseAfter } from './pause-after.ts';
import { inDoubleQuotes, inlinePowershell, powershellPath, scriptBytes } from './powershell-text.ts';
import { readScripts, type Script } from './script-source.ts';
import type { StepContext, StepRunner } from './step-context.ts';
import { untilReached } from './until-reached.ts';

/** Runs PowerShell scripts inside a Windows machine, with the semantics of Packer's `powershell` provisioner. */
export const runPowershellStep: StepRunner<PowershellStep> = async (step, context) => {
  const assignments = formatAssignments(
    scriptEnvironment(step.environment, context),
    (step.elevated ?? step).environmentFormat,
    inDoubleQuotes,
  );
  const scripts = await powershellScripts(step, assignments, context);
  const environment = step.environmentFile ?? temporaryPath('packer-ps-env-vars');
  const sent = new Set([environment]);
  const generated = temporaryPath('script');
  for (const script of scripts) {
    const path = remotePathOf(step, script) ?? generated;
    sent.add(path);
    context.say(`Running ${script.label}`);
    // Sent again for each script: one before may have emptied the folder for temporary files.
    await send(step, context, environment, scriptBytes(assignments));
    const exit = await runScript(step, context, script, { path, environment });
    checkWindowsExit(exit, step, script.label);
  }
  if (!step.skipClean) await removeFiles(step, context, environment, [...sent]);
  await pauseAfter(step.pauseAfter, context);
};

interface NamedScript extends Script {
  readonly name: string;
}

async function powershellScripts(
  step: PowershellStep,
  assignments: string,
  context: StepContext,
): Promise<readonly NamedScript[]> {
  const { script, download } = step;
  if (download) {
    const fetched = await downloadScript(download, context.signal);
    return [{ ...fetched, name: `script-${randomUUID()}.ps1` }];
  }
  const read = await readScripts(script, '', context);
  if (script.kind === 'files') {
    return read.map((one, index) => ({ ...one, name: basename(script.paths[index]!) }));
  }
  return read.map(({ label, bytes }) => ({
    label,
    name: `script-${randomUUID()}.ps1`,
    bytes: scriptBytes(inlinePowershell(bytes.toString(), assignments, step.debugLevel)),
  }));
}

/** Undefined where the template leaves the choice to us. */
function remotePathOf(step: PowershellStep, script: NamedScript): string | undefined {
  return step.remotePath !== undefined && /[/\\]$/.test(step.remotePath)
    ? `${step.remotePath}${script.name}`
    : step.remotePath;
}

interface Paths {
  readonly path: string;
  readonly environment: string;
}

async function runScript(
  step: PowershellStep,
  context: StepContext,
  script: Script,
  { path, environment }: Paths,
): Promise<GuestExit> {
  const data = { Path: path, Vars: environment };
  const { elevated } = step;
  let command = context.render((elevated ?? step).executeCommand, data);
  if (elevated) {
    const runner = {
      path: `C:/Windows/Temp/packer-elevated-shell-${randomUUID()}.ps1`,
      user: context.render(elevated.user),
      password: context.render(elevated.password),
      command,
    };
    await send(step, context, runner.path, scriptBytes(elevatedRunner(runner)), 0o600);
    command = `powershell -executionpolicy bypass -file "${runner.path}"`;
  }
  // Together, for a machine that restarts in between may have lost the script.
  return await untilReached(step.startRetryTimeout, context, async () => {
    await upload(context, path, script.bytes);
    return await context.guest.exec({ command, onLine: context.output, signal: context.signal });
  });
}

const cleanUpPatience = 60_000;

/** What stays behind in a folder for temporary files is no reason to fail. */
async function removeFiles(
  step: PowershellStep,
  context: StepContext,
  environment: string,
  sent: readonly string[],
): Promise<void> {
  const script = temporaryPath('packer-cleanup');
  const lines = [...sent, script].map((path) => {
    const word = powershellPath(path);
    return `if (Test-Path ${word}) {Remove-Item ${word}}\n`;
  });
  const command = context.render(step.executeCommand, { Path: script, Vars: environment });
  try {
    await untilReached(cleanUpPatience, context, async () => {
      await upload(context, script, scriptBytes(lines.join('')));
      return await context.guest.exec({ command, onLine: context.output, signal: context.signal });
    });
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    context.say(`Scripts stay in the machine: ${error.message}`);
  }
}

async function send(
  step: PowershellStep,
  context: StepContext,
  path: string,
  bytes: Buffer,
  mode?: number,
): Promise<void> {
  await untilReached(step.startRetryTimeout, context, () => upload(context, path, bytes, mode));
}

async function upload(context: StepContext, to: string, bytes: Buffer, mode?: number): Promise<void> {
  await context.guest.upload({
    from: { kind: 'bytes', bytes },
    to,
    signal: context.signal,
    ...(mode !== undefined && { mode }),
  });
}

function temporaryPath(name: string): string {
  return `c:/Windows/Temp/${name}-${randomUUID()}.ps1`;
}
