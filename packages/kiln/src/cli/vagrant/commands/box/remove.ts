import { listBoxes, type StoredBox } from '../../../../store/boxes/stored-boxes.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { VagrantError } from '../../vagrant-error.ts';
import { removeBoxes } from './remove-boxes.ts';

interface RemoveFlags {
  readonly architecture: string | undefined;
  readonly provider: string | undefined;
  readonly version: string | undefined;
  readonly all: boolean;
  readonly allProviders: boolean;
  readonly allArchitectures: boolean;
}

export const removeCommand = defineVagrantCommand({
  operands: '<name>',
  flags: {
    force: { type: 'switch', short: 'f', description: 'Do not ask.' },
    architecture: { type: 'text', short: 'a', value: 'ARCH', description: 'Only of this architecture.' },
    provider: { type: 'text', value: 'PROVIDER', description: 'Only for this provider.' },
    'box-version': { type: 'text', value: 'VERSION', description: 'Only this version.' },
    all: { type: 'switch', description: 'All versions.' },
    'all-providers': { type: 'switch', description: 'For all providers.' },
    'all-architectures': { type: 'switch', description: 'Of all architectures.' },
  },
  arguments: { min: 1, max: 2 },
  run: async ({ flags, args }, session) => {
    const boxes = chosen(await listBoxes(session.vagrantHome), args[0]!, {
      architecture: flags.architecture,
      provider: flags.provider ?? args[1],
      version: flags['box-version'],
      all: flags.all ?? false,
      allProviders: flags['all-providers'] ?? false,
      allArchitectures: flags['all-architectures'] ?? false,
    });
    await removeBoxes(session, boxes, { force: flags.force ?? false });
    return 0;
  },
});

/** The boxes that are meant. @throws VagrantError when nothing or too much may be */
function chosen(all: readonly StoredBox[], name: string, flags: RemoveFlags): readonly StoredBox[] {
  const named = all.filter((box) => box.name === name);
  if (named.length === 0) throw new VagrantError('BoxRemoveNotFound', `there is no box ${name} here`);
  const providers = [...new Set(named.map(({ provider }) => provider))].sort();
  if (flags.provider !== undefined && !providers.includes(flags.provider)) {
    throw new VagrantError(
      'BoxRemoveProviderNotFound',
      `there is no box ${name} for ${flags.provider}`,
      `there is one for ${providers.join(', ')}`,
    );
  }
  if (flags.provider === undefined && providers.length > 1 && !flags.allProviders) {
    throw new VagrantError(
      'BoxRemoveMultiProvider',
      `there are boxes ${name} for ${providers.join(', ')}`,
      'say which with --provider, or take --all-providers',
    );
  }
  const forProvider = named.filter(
    ({ provider }) => flags.provider === undefined || provider === flags.provider,
  );
  const versions = [...new Set(forProvider.map(({ version }) => version))];
  if (flags.version !== undefined && !versions.includes(flags.version)) {
    throw new VagrantError(
      'BoxRemoveVersionNotFound',
      `there is no version ${flags.version} of the box ${name}`,
      `there is ${versions.join(', ')}`,
    );
  }
  if (flags.version === undefined && versions.length > 1 && !flags.all) {
    throw new VagrantError(
      'BoxRemoveMultiVersion',
      `there are versions ${versions.join(', ')} of the box ${name}`,
      'say which with --box-version, or take --all',
    );
  }
  const ofVersion = forProvider.filter(
    ({ version }) => flags.version === undefined || version === flags.version,
  );
  const architectures = [...new Set(ofVersion.map(({ architecture }) => architecture ?? 'unknown'))];
  if (flags.architecture !== undefined && !architectures.includes(flags.architecture)) {
    throw new VagrantError(
      'BoxRemoveArchitectureNotFound',
      `there is no box ${name} of the architecture ${flags.architecture}`,
      `there is ${architectures.join(', ')}`,
    );
  }
  if (flags.architecture === undefined && architectures.length > 1 && !flags.allArchitectures) {
    throw new VagrantError(
      'BoxRemoveMultiArchitecture',
      `there are boxes ${name} of the architectures ${architectures.join(', ')}`,
      'say which with --architecture, or take --all-architectures',
    );
  }
  return ofVersion.filter(
    ({ architecture }) =>
      flags.architecture === undefined || (architecture ?? 'unknown') === flags.architecture,
  );
}
