import { KilnError } from '../base/errors.ts';

/** A machine, or what stands for one, as people name it on a command line. */
export type MachineTarget =
  /** One of Kiln's own, by name or the start of its id. */
  | { readonly kind: 'machine'; readonly name: string }
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number }
  | { readonly kind: 'docker'; readonly container: string }
  /** A tree of files on this host. */
  | { readonly kind: 'directory'; readonly path: string };

/** How targets are written, for help texts. */
export const targetForms = 'NAME of a machine, ssh://[USER@]HOST[:PORT], docker:CONTAINER, or dir:PATH';

/**
 * Reads a target that says by its form what it is. Undefined for a plain word, which may be a machine's name.
 * @throws KilnError `bad-usage`
 */
export function parseMachineTarget(text: string): MachineTarget | undefined {
  const [scheme, rest] = splitScheme(text);
  switch (scheme) {
    case 'machine':
      return { kind: 'machine', name: needed(rest, text, 'the name of a machine') };
    case 'docker':
      return { kind: 'docker', container: containerName(rest, text) };
    case 'dir':
      return { kind: 'directory', path: needed(rest, text, 'the path of a folder') };
    case 'ssh':
      return sshTarget(rest, text);
    default:
      return undefined;
  }
}

function splitScheme(text: string): [scheme: string, rest: string] {
  const match = /^(machine|docker|dir|ssh):(.*)$/s.exec(text);
  return match ? [match[1]!, match[2]!] : ['', text];
}

function sshTarget(rest: string, text: string): MachineTarget {
  // The host becomes an argument of a program: one that starts with a dash would be an option there.
  const match =
    /^\/\/(?:([A-Za-z0-9_.][\w.@-]*)@)?([A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?\/?$/.exec(
      rest,
    );
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (!match || port === 0 || (port ?? 1) > 65_535) {
    throw new KilnError('bad-usage', `"${text}" is not the address of an SSH server`, {
      hint: 'write ssh://HOST, ssh://USER@HOST or ssh://USER@HOST:PORT',
    });
  }
  return {
    kind: 'ssh',
    host: match[2]!.replace(/^\[|\]$/g, ''),
    ...(match[1] === undefined ? {} : { user: match[1] }),
    ...(port === undefined ? {} : { port }),
  };
}

function containerName(rest: string, text: string): string {
  const name = needed(rest, text, 'the name of a container').replace(/^\/\//, '');
  if (/^[A-Za-z0-9][\w.-]*$/.test(name)) return name;
  throw new KilnError('bad-usage', `"${name}" cannot be the name of a container`, {
    hint: 'see `docker ps`',
  });
}

function needed(rest: string, text: string, what: string): string {
  if (rest !== '') return rest;
  throw new KilnError('bad-usage', `"${text}" lacks ${what}`, { hint: `write ${text}…` });
}
