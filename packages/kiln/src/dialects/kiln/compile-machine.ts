import type { ImageRef } from '../../plan/image-ref.ts';
import { type MachineSpec, plainMachine } from '../../plan/machine-spec.ts';
import type { CompileContext } from './compile-context.ts';
import { compileFrom, defaultCpus, defaultMemory } from './compile-image.ts';
import { compileMachineLogin, takesSeed } from './compile-login.ts';
import { compileProvisioners } from './compile-provisioners.ts';
import { compileFolders, compileNetworks } from './compile-surroundings.ts';
import { readImageReference } from './image-reference.ts';
import type { MachineEntry } from './kiln-file.ts';

/** One entry of `machines:`. Undefined when it has mistakes, which were reported. */
export function compileMachine(
  name: string,
  entry: MachineEntry,
  context: CompileContext,
): MachineSpec | undefined {
  const { problems, places } = context;
  const image = imageOf(entry, context);
  if (!image) return undefined;
  if (image.kind !== 'box' && !takesSeed(image, entry.ssh) && entry.ssh === undefined) {
    problems.error(
      places.of(entry, 'from'),
      'Kiln does not know how to log in to this image',
      'add "ssh:" with "user:" and "password:" or "key:"',
    );
  }
  checkPorts(entry, context);
  const login = compileMachineLogin(entry.ssh, image, context);
  return {
    ...plainMachine,
    name,
    image,
    cpus: entry.cpus ?? defaultCpus(context),
    memory: entry.memory ?? defaultMemory,
    ...(entry.disk !== undefined && { diskSize: entry.disk }),
    hostname: entry.hostname ?? name.replaceAll('_', '-'),
    ports: entry.ports ?? [],
    networks: compileNetworks(entry, context),
    folders: compileFolders(entry, context),
    firmware: entry.firmware ?? 'bios',
    login,
    provisioners: compileProvisioners(name, entry.provision ?? [], login.user, context),
  };
}

function imageOf(entry: MachineEntry, context: CompileContext): ImageRef | undefined {
  const { problems, places } = context;
  if (entry.image !== undefined && entry.from !== undefined) {
    problems.error(places.of(entry, 'from'), 'a machine has "image" or "from", not both');
    return undefined;
  }
  if (entry.from !== undefined) return compileFrom(entry, entry.from, context);
  if (entry.image === undefined) {
    problems.error(
      places.of(entry),
      'a machine needs "image" or "from"',
      context.imageNames.length > 0
        ? `this file has the image${context.imageNames.length > 1 ? 's' : ''} ${context.imageNames.join(', ')}`
        : 'such as "from: debian/12"',
    );
    return undefined;
  }
  const image = readImageReference(entry.image, undefined, { ...context, at: places.of(entry, 'image') });
  if (image && image.kind !== 'store') {
    problems.error(
      places.of(entry, 'image'),
      `"image" names an image of this file or of the store, and "${entry.image}" is neither`,
      `write "from: ${entry.image}"`,
    );
    return undefined;
  }
  return image;
}

/** The same host port twice would only ever give one of them. */
function checkPorts(entry: MachineEntry, { problems, places }: CompileContext): void {
  const seen = new Set<string>();
  entry.ports?.forEach((port, index) => {
    const key = `${port.hostAddress}:${port.host}/${port.protocol}`;
    if (seen.has(key))
      problems.error(places.of(entry.ports!, index), `host port ${port.host} is given twice`);
    seen.add(key);
  });
}
