import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kilnHome } from '../../base/home.ts';
import type { CommandInput } from '../command.ts';
import type { doctorOptions } from '../commands/doctor.ts';
import type { CliContext, Stream } from '../context.ts';
import { checkCache } from '../doctor/cache.ts';
import type { Check } from '../doctor/check.ts';
import {
  checkAccelerator,
  checkDeadRuns,
  checkFirmware,
  checkHome,
  checkMemory,
  checkMirror,
  checkNetwork,
  checkNode,
  checkUserNamespaces,
} from '../doctor/host.ts';
import { checkTools, installCommand, type ToolChecks } from '../doctor/tools.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options }: CommandInput<typeof doctorOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  const home = kilnHome(env);
  const space = checkHome(home);
  const usable = existsSync(home) && space.status !== 'missing';
  // What was found out about QEMU is remembered in the home; one that cannot be used must not stop the doctor.
  const facts = usable ? home : mkdtempSync(join(tmpdir(), 'kiln-doctor-'));
  let found: Found;
  try {
    found = await Promise.all([
      checkTools(env),
      checkAccelerator(facts),
      checkNetwork(facts),
      checkMirror(),
      checkDeadRuns(facts),
      checkCache(facts, env),
    ]);
  } finally {
    if (!usable) rmSync(facts, { recursive: true, force: true });
  }
  const [tools, accelerator, network, mirror, leftovers, cache] = found;
  const firmware = checkFirmware();
  const namespaces = await checkUserNamespaces();
  const checks: Check[] = [
    checkNode(),
    ...tools.checks,
    firmware,
    accelerator,
    ...(namespaces ? [namespaces] : []),
    network,
    mirror,
    checkMemory(),
    space,
    cache,
    leftovers,
  ];
  const ready = checks.every((check) => !check.needed || check.status !== 'missing');
  if (options.json) stdout.line(JSON.stringify({ ready, checks }, null, 2));
  else {
    print(checks, stdout);
    const packages = [...tools.packages, ...(firmware.status === 'missing' ? ['ovmf'] : [])];
    stdout.line();
    if (packages.length > 1)
      stdout.line(`All that is missing, in one line:\n  ${installCommand(packages)}\n`);
    stdout.line(
      ready ? 'Kiln can build images and run machines here.' : 'Kiln cannot build images here yet.',
    );
  }
  return ready ? exitCodes.ok : exitCodes.failed;
}

type Found = readonly [ToolChecks, Check, Check, Check, Check, Check];

const colors = { ok: 'green', warn: 'yellow', missing: 'red' } as const;

function print(checks: readonly Check[], stdout: Stream): void {
  const width = Math.max(...checks.map((check) => check.name.length));
  for (const { name, status, detail, fix } of checks) {
    stdout.line(`${stdout.paint(colors[status], status.padEnd(7))}  ${name.padEnd(width)}  ${detail}`);
    if (fix !== undefined) stdout.line(`${' '.repeat(9 + width)}  ${stdout.paint('cyan', 'mend:')} ${fix}`);
  }
}
