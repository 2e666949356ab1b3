import { KilnError } from '../../../../base/errors.ts';
import { parseChecksum } from '../../../../plan/checksum.ts';
import { addBox } from '../../../../sources/boxes/add-box.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { VagrantError } from '../../vagrant-error.ts';
import { boxDownload, downloadFlags } from './download-flags.ts';
import { withBoxes } from './with-boxes.ts';

export const addCommand = defineVagrantCommand({
  operands: '[options] <name, url, or path>',
  description: 'Gets a box: by its name in a catalogue, or the URL or path of a catalogue or a box.',
  flags: {
    clean: { type: 'switch', short: 'c', description: 'Forget what a broken download has left.' },
    force: { type: 'switch', short: 'f', description: 'Replace a box that is here.' },
    ...downloadFlags,
    'location-trusted': {
      type: 'switch',
      description: 'Send name and password on to where the server redirects.',
    },
    architecture: { type: 'text', short: 'a', value: 'ARCH', description: 'Architecture of the box.' },
    provider: { type: 'text', value: 'PROVIDER', description: 'What the box is to be for.' },
    'box-version': { type: 'text', value: 'VERSION', description: 'Constraints of its version.' },
    checksum: { type: 'text', value: 'CHECKSUM', description: 'What a box file must hash to.' },
    'checksum-type': {
      type: 'text',
      value: 'TYPE',
      description: 'How it is hashed: md5, sha1, sha256, sha384, sha512.',
    },
    name: { type: 'text', value: 'BOX', description: 'What to call a box that comes without a catalogue.' },
  },
  arguments: { min: 1, max: 2 },
  run: async ({ flags, args }, session) => {
    const [first, second] = args;
    const name = flags.name ?? (second === undefined ? undefined : first);
    const { cwd } = session.context;
    const checksum = checksumOf(flags.checksum, flags['checksum-type']);
    await withBoxes(session, async (services) => {
      try {
        const box = await addBox(services, {
          sources: [second ?? first!],
          providers: flags.provider === undefined ? [] : [flags.provider],
          architecture: flags.architecture ?? 'auto',
          download: boxDownload(flags, cwd),
          folder: cwd,
          ...(name !== undefined && { name }),
          ...(flags['box-version'] !== undefined && { version: flags['box-version'] }),
          ...(checksum !== undefined && { checksum }),
          ...(flags.force && { force: true }),
          ...(flags.clean && { clean: true }),
        });
        session.ui.of('box').success(`Added '${box.name}' (v${box.version}) for '${box.provider}'.`);
      } catch (error) {
        throw vagrantError(error);
      }
    });
    return 0;
  },
});

function checksumOf(hex: string | undefined, type: string | undefined) {
  if (hex === undefined || hex === '') return undefined;
  const checksum = parseChecksum(type === undefined ? hex : `${type}:${hex}`);
  if (checksum.kind === 'digest') return checksum;
  throw new VagrantError('CLIInvalidUsage', `${hex} is no checksum`);
}

/** By the classes that Vagrant has for boxes. */
function vagrantError(error: unknown): unknown {
  if (!(error instanceof KilnError)) return error;
  const text = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
  switch (error.code) {
    case 'already-exists':
      return new VagrantError('BoxAlreadyExists', text);
    case 'not-found':
      return new VagrantError(
        /version|provider/.test(error.message) ? 'BoxAddNoMatchingVersion' : 'BoxAddShortNotFound',
        text,
      );
    case 'bad-usage':
      return new VagrantError(
        /without a name/.test(error.message) ? 'BoxAddNameRequired' : 'BoxAddNameMismatch',
        text,
      );
    default:
      return error;
  }
}
