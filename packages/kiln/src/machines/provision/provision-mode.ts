import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Provisioner } from '../../plan/provisioner.ts';

/**
 * What a command does of a machine's provisioners. `automatic`: those that run once, in a machine in which they have
 * never succeeded, and those that always run. `all`: both in any machine. `named`: these, by name or type, and nothing
 * else; those that never run by themselves only by name.
 */
export type ProvisionMode =
  | { readonly kind: 'none' }
  | { readonly kind: 'automatic' }
  | { readonly kind: 'all' }
  | { readonly kind: 'named'; readonly names: readonly string[] };

/** What people say on the command line of `up`, `reload` and the like. */
export function provisionModeOf(options: {
  /** `--provision` and `--no-provision`; undefined for neither. */
  readonly provision?: boolean | undefined;
  /** Names of `--provision-with`. */
  readonly provisionWith?: readonly string[] | undefined;
}): ProvisionMode {
  if (options.provision === false) return { kind: 'none' };
  const names = (options.provisionWith ?? []).flatMap((text) => text.split(',')).map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  if (given.length > 0) return { kind: 'named', names: given };
  return { kind: options.provision ? 'all' : 'automatic' };
}

/** Whether a provisioner is done. @param isNew whether they have never all succeeded in this machine */
export function isChosen({ name, type, run }: Provisioner, mode: ProvisionMode, isNew: boolean): boolean {
  switch (mode.kind) {
    case 'none':
      return false;
    case 'named':
      if (name !== undefined && mode.names.includes(name)) return true;
      return run !== 'never' && mode.names.includes(type);
    case 'all':
      return run !== 'never';
    case 'automatic':
      return run === 'always' || (run === 'once' && isNew);
  }
}

/**
 * Says so when a name belongs to no provisioner of any of the machines.
 * @throws KilnError `not-found`
 */
export function checkProvisionNames(
  mode: ProvisionMode,
  machines: readonly { readonly provisioners: readonly Provisioner[] }[],
): void {
  if (mode.kind !== 'named') return;
  const all = machines.flatMap(({ provisioners }) => provisioners);
  const known = new Set(all.flatMap(({ name, type }) => (name === undefined ? [type] : [name, type])));
  for (const name of mode.names) {
    if (known.has(name)) continue;
    throw new KilnError('not-found', `there is no provisioner "${name}"`, {
      hint:
        didYouMean(name, known) ??
        (known.size > 0 ? `there is ${[...known].join(', ')}` : 'the machines have no provisioners'),
    });
  }
}

/** What people call a provisioner: `setup (shell)`, or its type alone. */
export function provisionerLabel({ name, type }: Provisioner): string {
  return name === undefined || name === type ? type : `${name} (${type})`;
}
