import { basename } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { hostArchitecture } from './host-architecture.ts';
import type { BoxMember } from './pack-box.ts';

/** What goes into a box for libvirt, which Kiln's and Vagrant's QEMU machines are made of. */
export interface BoxContent {
  /** Its disk: a qcow2 file that stands on nothing. */
  readonly disk: string;
  /** What a guest sees of it, in bytes. */
  readonly virtualSize: number;
  readonly architecture?: string;
  /** Vagrant's settings for whoever uses the box, in front of `vagrantfile`. */
  readonly settings: readonly string[];
  /** The text of a Vagrantfile of the user's own, whose settings come last and win. */
  readonly vagrantfile?: string;
  /** Facts for `box list -i`: the text of a JSON object. */
  readonly info?: string;
  /** Files by their names in the box. */
  readonly files: ReadonlyMap<string, string>;
}

const gigabyte = 1024 ** 3;

/** Names that the box itself needs. */
const taken: readonly string[] = ['box.img', 'metadata.json', 'Vagrantfile', 'info.json'];

/**
 * The members of a box, the small ones first, so that whoever reads it learns soon what it is.
 * @throws KilnError `bad-usage` for files that would take the place of the box's own, `template-invalid` for facts that
 *   are no JSON object
 */
export function boxMembers(content: BoxContent): BoxMember[] {
  const {
    disk,
    virtualSize,
    architecture = hostArchitecture(),
    settings,
    vagrantfile,
    info,
    files,
  } = content;
  const clash = [...files.keys()].find((name) => taken.includes(name));
  if (clash !== undefined) {
    throw new KilnError('bad-usage', `a box has a ${clash} of its own, and cannot take in another`, {
      hint: 'give the file another name',
    });
  }
  if (info !== undefined) checkInfo(info);
  const metadata = {
    provider: 'libvirt',
    format: 'qcow2',
    virtual_size: Math.ceil(virtualSize / gigabyte),
    architecture,
  };
  return [
    text('metadata.json', `${JSON.stringify(metadata, null, 2)}\n`),
    text('Vagrantfile', boxVagrantfile(settings, vagrantfile)),
    ...(info === undefined ? [] : [text('info.json', info)]),
    ...[...files].map(([name, path]) => ({ name, content: { kind: 'file', path } as const })),
    { name: 'box.img', content: { kind: 'file', path: disk }, mode: 0o644 },
  ];
}

/** Included files as `vagrant package` names them. */
export function includedFiles(paths: readonly string[], folder = 'include/'): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [`${folder}${basename(path)}`, path]));
}

function boxVagrantfile(settings: readonly string[], own: string | undefined): string {
  const lines = ['Vagrant.configure("2") do |config|', ...settings.map((line) => `  ${line}`), 'end', ''];
  return `${lines.join('\n')}${own === undefined ? '' : `\n${own.trimEnd()}\n`}`;
}

function checkInfo(info: string): void {
  try {
    const value: unknown = JSON.parse(info);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  } catch (error) {
    throw wrongInfo(error);
  }
  throw wrongInfo(undefined);
}

function wrongInfo(cause: unknown): KilnError {
  return new KilnError('template-invalid', 'the info of a box is no JSON object', {
    hint: 'write such as {"author": "me"}',
    cause,
  });
}

function text(name: string, content: string): BoxMember {
  return { name, content: { kind: 'text', text: content } };
}
