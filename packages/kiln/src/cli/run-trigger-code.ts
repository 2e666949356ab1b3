import { DiagnosticsError } from '../base/diagnostics.ts';
import { KilnError } from '../base/errors.ts';
import { runRubyTrigger } from '../dialects/vagrant/read-vagrantfile.ts';
import type { VagrantConfig } from '../dialects/vagrant/vagrant-config.ts';
import { findOwn } from '../machines/find-machine.ts';
import { machineState } from '../machines/machine-record.ts';
import type { TriggerCode, TriggerServices } from '../machines/triggers/with-triggers.ts';
import type { CliContext } from './context.ts';

/**
 * Runs the Ruby of a Vagrantfile's triggers, each time by evaluating the file again.
 * @param home `$KILN_HOME`
 * @param print gets what the block prints
 */
export function triggerCodeRunner(
  config: VagrantConfig,
  home: string,
  context: Pick<CliContext, 'env' | 'cwd'>,
  print: (text: string) => void,
): NonNullable<TriggerServices['runCode']> {
  return async ({ file, line, machine, signal }: TriggerCode): Promise<void> => {
    const owner = config.machines.find(({ name }) => name === machine) ?? config.machines[0];
    const place = owner && placeOf(owner.triggers, file, line);
    if (owner === undefined || place === undefined) {
      throw new KilnError('not-found', `${file}:${line} has no trigger any more`);
    }
    const record = await findOwn(home, config.folder, owner.name);
    const ran = await runRubyTrigger(
      { folder: context.cwd, environment: context.env, words: process.argv.slice(2), signal },
      {
        machine: owner.name,
        ...place,
        facts: {
          ...(record && { id: record.id, state: await machineState(home, record.id) }),
          ...(record && { ssh_info: { host: '127.0.0.1', port: record.sshPort, username: record.user } }),
        },
      },
    );
    for (const { text } of ran?.output ?? []) print(text);
    const errors = ran?.diagnostics.filter(({ severity }) => severity === 'error') ?? [];
    if (errors.length > 0) throw new DiagnosticsError(errors);
    if (ran?.exit !== undefined && ran.exit !== 0) {
      throw new KilnError('step-failed', `the trigger at ${file}:${line} stopped with exit code ${ran.exit}`);
    }
  };
}

type Triggers = VagrantConfig['machines'][number]['triggers'];

function placeOf(
  triggers: Triggers,
  file: string,
  line: number,
): { readonly when: 'before' | 'after'; readonly index: number } | undefined {
  for (const when of ['before', 'after'] as const) {
    const index = triggers[when].findIndex(({ ruby }) => ruby?.[0] === file && ruby[1] === line);
    if (index >= 0) return { when, index };
  }
  return undefined;
}
