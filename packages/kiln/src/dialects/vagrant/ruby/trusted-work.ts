import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { isSystemError, KilnError, messageOf } from '../../../base/errors.ts';
import { run } from '../../../base/processes.ts';
import type { CommandAnswer, CommandRequest, FileChange } from './messages.ts';

/** What a program that a Vagrantfile runs may print. */
const mostOutput = 16 * 1024 * 1024;

/** With none of these in it, and none of these words first, Ruby needs no shell for a command. */
const forTheShell = /[*?{}[\]<>()~&|\\$;'`"\n#=%]/;
const shellWords = new Set([
  '.',
  ':',
  'cd',
  'eval',
  'exec',
  'exit',
  'export',
  'set',
  'source',
  'trap',
  'ulimit',
  'unset',
]);

/** Runs a program for a trusted project, as Ruby would: a single text by the shell, if it takes one. */
export async function runCommand(
  { shell, words, folder, variables, input }: CommandRequest,
  signal: AbortSignal | undefined,
): Promise<CommandAnswer> {
  const [program, ...rest] = shell ? fromText(words[0]!) : words;
  try {
    const { code, stdout, stderr } = await run(program!, rest, {
      cwd: folder,
      env: variables,
      ...(input !== undefined && { input }),
      ...(signal && { signal }),
    });
    return { ran: true, status: code, out: stdout.slice(0, mostOutput), error: stderr.slice(0, mostOutput) };
  } catch (error) {
    const isMissing = error instanceof KilnError && error.code === 'tool-missing';
    if (!isMissing && !isSystemError(error, 'EACCES', 'ENOEXEC', 'ENOTDIR')) throw error;
    return { ran: false, missing: true, status: 127, out: '', error: '' };
  }
}

function fromText(text: string): string[] {
  const words = text.trim().split(/\s+/);
  return forTheShell.test(text) || shellWords.has(words[0]!) ? ['sh', '-c', text] : words;
}

/** Brings to the disk what a trusted project's evaluation wrote. */
export async function writeChanges(changes: readonly FileChange[]): Promise<void> {
  for (const change of changes) {
    const { path } = change;
    try {
      switch (change.kind) {
        case 'file':
          await writeFile(path, Buffer.from(change.content, 'base64'));
          break;
        case 'folder':
          await mkdir(path, { recursive: true });
          break;
        case 'link':
          await symlink(change.target, path);
          break;
        case 'gone':
          await rm(path, { recursive: true, force: true });
          break;
      }
    } catch (error) {
      if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOENT', 'EISDIR', 'ENOTDIR'))
        throw error;
      throw new KilnError('file-missing', `the Vagrantfile wants to write ${path}: ${messageOf(error)}`, {
        hint: 'make the folder writable for you',
        cause: error,
      });
    }
  }
}
