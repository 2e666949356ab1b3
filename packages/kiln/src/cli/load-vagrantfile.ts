import { availableParallelism, homedir } from 'node:os';
import { basename, dirname } from 'node:path';
import { DiagnosticsError } from '../base/diagnostics.ts';
import { KilnError } from '../base/errors.ts';
import type { VagrantDiagnostic } from '../dialects/vagrant/finish/machine-problems.ts';
import { planMachines } from '../dialects/vagrant/plan/plan-machines.ts';
import {
  readVagrantfile,
  type VagrantfileReading,
  type VagrantfileRequest,
} from '../dialects/vagrant/read-vagrantfile.ts';
import type { VagrantConfig } from '../dialects/vagrant/vagrant-config.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import { type CliContext, hideInOutput } from './context.ts';
import { EndedByFile } from './ended-by-file.ts';

export interface VagrantProject {
  readonly config: VagrantConfig;
  /** The machines that can be made, in the order of the file. */
  readonly machines: readonly MachineSpec[];
  /** Everything there is to say, of all machines. */
  readonly diagnostics: readonly VagrantDiagnostic[];
  /** What the file printed. */
  readonly output: VagrantfileReading['output'];
  /** It wanted to do what only trusted projects may. */
  readonly wantsTrust: boolean;
}

export type VagrantfileOptions = Pick<
  VagrantfileRequest,
  'words' | 'provider' | 'existing' | 'fresh' | 'signal'
>;

/**
 * Reads a Vagrantfile and plans its machines. What is wrong with single machines is told by diagnostics that name them.
 * @param file absolute path
 * @throws DiagnosticsError when the file as a whole cannot be read; EndedByFile when it ends the command itself
 */
export async function loadVagrantfile(
  file: string,
  options: VagrantfileOptions,
  context: Pick<CliContext, 'cwd' | 'env'>,
): Promise<VagrantProject> {
  const named = { VAGRANT_CWD: dirname(file), VAGRANT_VAGRANTFILE: basename(file) };
  const isUsual = /^vagrantfile$/i.test(named.VAGRANT_VAGRANTFILE);
  const reading = await readVagrantfile({
    folder: context.cwd,
    // The file itself may look at these variables: they are only there when they have to be.
    environment: {
      ...context.env,
      ...(isBelow(context.cwd, named.VAGRANT_CWD) && context.env['VAGRANT_CWD'] === undefined
        ? {}
        : { VAGRANT_CWD: named.VAGRANT_CWD }),
      ...(isUsual ? {} : { VAGRANT_VAGRANTFILE: named.VAGRANT_VAGRANTFILE }),
    },
    words: process.argv.slice(2),
    ...options,
  });
  if (reading === undefined) throw new KilnError('file-missing', `there is no file ${file}`);
  return planned(reading, context);
}

function planned(reading: VagrantfileReading, { env }: Pick<CliContext, 'env'>): VagrantProject {
  const { config, output, exit, wantsTrust } = reading;
  if (exit !== undefined) throw new EndedByFile(exit, output, reading.diagnostics);
  const isBroken = reading.diagnostics.some(
    ({ severity, machine }) => severity === 'error' && machine === undefined,
  );
  if (config === undefined || isBroken) throw new DiagnosticsError(reading.diagnostics);
  hideInOutput(secretsOf(config));
  const host = { cpus: availableParallelism(), home: env['HOME'] ?? homedir(), environment: env };
  const { machines, diagnostics } = planMachines(config, host);
  const all = [...reading.diagnostics, ...diagnostics];
  const refused = new Set(
    all.flatMap(({ severity, machine }) => (severity === 'error' ? (machine ?? []) : [])),
  );
  return {
    config,
    machines: machines.filter(({ name }) => !refused.has(name)),
    diagnostics: all,
    output,
    wantsTrust,
  };
}

/** What `config.vagrant.sensitive` names, and variables of provisioners that are `sensitive`. */
function secretsOf(config: VagrantConfig): readonly string[] {
  const own = config.machines.flatMap(({ provisioners }) =>
    provisioners.flatMap(({ settings }) =>
      settings['sensitive'] === true ? Object.values((settings['env'] ?? {}) as object).map(String) : [],
    ),
  );
  return [...config.sensitive, ...own].filter((text) => text !== '');
}

function isBelow(folder: string, above: string): boolean {
  return folder === above || folder.startsWith(above.endsWith('/') ? above : `${above}/`);
}
