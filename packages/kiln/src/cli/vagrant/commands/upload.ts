import { statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { Guest } from '../../../guests/guest.ts';
import { posixCommand } from '../../../guests/guest-path.ts';
import { openGuestOf } from '../../../machines/provision/open-guest.ts';
import { withMachineServices } from '../../actions/with-machines.ts';
import type { Session } from '../session.ts';
import { neededRecord, selectOne } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';
import { vagrantRenderer } from '../vagrant-renderer.ts';

const compressions: ReadonlySet<string> = new Set(['tgz', 'zip']);

export const uploadCommand = defineVagrantCommand({
  operands: '[options] <source> [destination] [name|id]',
  flags: {
    temporary: { type: 'switch', short: 't', description: 'To a new place below /tmp.' },
    compress: {
      type: 'switch',
      short: 'c',
      description: 'No difference: what is sent is packed where that helps.',
    },
    'compression-type': {
      type: 'text',
      short: 'C',
      value: 'TYPE',
      description: 'tgz or zip; no difference.',
    },
  },
  arguments: { min: 1, max: 3 },
  run: async ({ flags, args }, session) => {
    const type = flags['compression-type'];
    if (type !== undefined && !compressions.has(type)) {
      throw new VagrantError('CLIInvalidUsage', `files are packed as tgz or zip, not ${type}`);
    }
    const { source, destination, machine } = await readWords(args, session);
    const path = resolve(session.context.cwd, source);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || !(found.isFile() || found.isDirectory())) {
      throw new VagrantError('UploadSourceMissing', `there is no ${source} to upload`);
    }
    const target = await selectOne(session, machine === undefined ? [] : [machine]);
    const record = neededRecord(target);
    if (target.state.id !== 'running') {
      throw new VagrantError(
        'VMNotRunningError',
        `the machine ${target.name} does not run`,
        '`vagrant up` starts it',
      );
    }
    await withMachineServices(
      session.context,
      async (services) => {
        const guest = await openGuestOf(services, record)();
        try {
          const extension = found.isFile() ? extname(source) : '';
          const to = flags.temporary
            ? await temporaryPath(guest, extension, found.isDirectory())
            : destination;
          session.ui.info(`Uploading ${source} to ${to}`);
          const { signal } = services;
          if (found.isDirectory()) await guest.uploadTree(`${path.replace(/\/+$/, '')}/`, to, { signal });
          else await guest.upload({ from: { kind: 'file', path }, to, signal });
          session.ui.info(`Uploaded: ${target.name}:${to}`);
        } finally {
          await guest.close();
        }
      },
      vagrantRenderer(session.ui),
    );
    return 0;
  },
});

/** The second of two words is a machine when there is one of that name. */
async function readWords(args: readonly string[], session: Session) {
  const source = args[0]!.replace(/["']$/, '');
  const standard = basename(source);
  if (args.length === 3) return { source, destination: args[1]!, machine: args[2] };
  const isMachine = args.length === 2 && (await session.records()).some(({ name }) => name === args[1]);
  return {
    source,
    destination: isMachine ? standard : (args[1] ?? standard),
    machine: isMachine ? args[1] : undefined,
  };
}

async function temporaryPath(guest: Guest, extension: string, isFolder: boolean): Promise<string> {
  const lines: string[] = [];
  const script = isFolder
    ? 'mktemp -d /tmp/vagrant-upload-XXXXXX'
    : 'path=$(mktemp /tmp/vagrant-upload-XXXXXX) && mv "$path" "$path$1" && echo "$path$1"';
  await guest.exec({
    command: posixCommand(script, extension),
    onLine: (line, stream) => {
      if (stream === 'stdout') lines.push(line);
    },
  });
  const path = lines.at(-1)?.trim();
  if (!path?.startsWith('/tmp/')) {
    throw new VagrantError('UploadMissingTempCapability', 'the machine has no place for temporary files');
  }
  return path;
}
