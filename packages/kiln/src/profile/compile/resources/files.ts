import { KilnError } from '../../../base/errors.ts';
import { digestFile } from '../../../base/files.ts';
import { readTree, type TreeEntry } from '../../../guests/local-tree.ts';
import type { FileWish } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ResourceReference } from '../compiled-profile.ts';
import { octal } from '../octal.ts';
import { command } from '../script-builder.ts';
import { fileLibrary } from '../shell/files.ts';
import { treeLibrary } from '../shell/trees.ts';

type DirectoryWish = FileWish & { readonly kind: 'directory' };

/** Files, each after the folder of the profile that it is in and the users that it belongs to. */
export async function compileFiles(files: readonly FileWish[], context: CompileContext): Promise<void> {
  if (files.length === 0) return;
  const { script } = context;
  script.use(fileLibrary);
  const folders = files.filter((file) => file.kind === 'directory').map((file) => file.path);
  for (const file of inOrder(files)) {
    const needs = [...ownersOf(file), ...foldersAbove(file.path, folders)];
    script.resource({ kind: 'file', name: file.path }, [await commandFor(file, context)], needs);
  }
}

/** What is above comes first, so that a folder has its owner and mode before anything goes into it. */
function inOrder(files: readonly FileWish[]): readonly FileWish[] {
  const depth = ({ path }: FileWish) => path.split('/').length;
  const gone = files.filter((file) => file.kind === 'absent');
  const folders = files.filter((file) => file.kind === 'directory').sort((a, b) => depth(a) - depth(b));
  const others = files.filter((file) => file.kind === 'file' || file.kind === 'link');
  return [...gone, ...folders, ...others];
}

async function commandFor(file: FileWish, context: CompileContext): Promise<string> {
  switch (file.kind) {
    case 'absent':
      return command('absent', file.path, file.recursive ? 'yes' : 'no');
    case 'link':
      return command('link', file.path, file.target);
    case 'directory':
      return file.source === undefined
        ? command('directory', file.path, octal(file.mode), file.owner ?? '', file.group ?? '')
        : await treeCommand(file, file.source, context);
    case 'file': {
      const { path, content, secret, owner = '', group = '' } = file;
      if (secret) context.keepSecret();
      const mode = octal(file.mode ?? (secret ? 0o600 : undefined));
      const { id, digest, size } = content
        ? await context.contents.add(content)
        : { id: '', digest: '', size: '' };
      return command('file', id, path, digest, size, mode, owner, group, secret ? 'yes' : 'no');
    }
  }
}

async function treeCommand(wish: DirectoryWish, source: string, context: CompileContext): Promise<string> {
  const { script, contents } = context;
  script.use(treeLibrary);
  const { path, mode, fileMode, owner = '', group = '', exact } = wish;
  const entries = await readTree(source);
  checkNames(entries, source);
  const tree = contents.addTree(entries);
  const wanted: string[] = [];
  const modes: string[] = [];
  const kinds: readonly TreeEntry['kind'][] = ['folder', 'file', 'symlink'];
  for (const entry of kinds.flatMap((kind) => entries.filter((one) => one.kind === kind).sort(byFolder))) {
    const name = `./${entry.path}`;
    if (entry.kind === 'symlink') wanted.push(`link ${name} -> ${entry.target}`);
    else if (entry.kind === 'folder') {
      wanted.push(`directory ${name}`);
      if (mode !== undefined) modes.push(`mode ${octal(mode)} ${name}`);
    } else {
      wanted.push(`${await digestFile(entry.local)}  ${name}`);
      // Which bits a file has here beyond being a program depends on who checked it out.
      modes.push(`mode ${octal(fileMode ?? (entry.mode & 0o100 ? 0o755 : 0o644))} ${name}`);
    }
  }
  const list = async (lines: readonly string[]) =>
    (await contents.add({ kind: 'text', text: lines.map((line) => `${line}\n`).join('') })).id;
  const [names, bits] = [await list(wanted), await list(modes)];
  return [
    `part ${command('directory', path, octal(mode), owner, group)} &&`,
    `part ${command('tree', path, tree, names, bits, owner, group, exact ? 'yes' : 'no')}`,
  ].join('\n  ');
}

function byFolder(a: TreeEntry, b: TreeEntry): number {
  const [left, right] = [folderOf(a.path), folderOf(b.path)];
  if (left !== right) return left < right ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** Lists of files have a line for each, and sha256sum writes backslashes in its own way. */
function checkNames(entries: readonly TreeEntry[], source: string): void {
  for (const entry of entries) {
    const text = entry.kind === 'symlink' ? `${entry.path}${entry.target}` : entry.path;
    const isLink = entry.kind === 'symlink' && entry.path.includes(' -> ');
    if (!/[\n\\\r]/.test(text) && !isLink) continue;
    throw new KilnError(
      'unsupported',
      `${source} has a file with a name that cannot be sent as part of a folder: ${JSON.stringify(entry.path)}`,
      {
        hint: 'names and targets of links there must have no line break, no backslash and no " -> "; name the file by itself under "files", or rename it',
      },
    );
  }
}

function ownersOf(file: FileWish): readonly ResourceReference[] {
  if (file.kind !== 'file' && file.kind !== 'directory') return [];
  return [
    ...(file.owner === undefined ? [] : [{ kind: 'user', name: file.owner } as const]),
    ...(file.group === undefined ? [] : [{ kind: 'group', name: file.group } as const]),
  ];
}

function foldersAbove(path: string, folders: readonly string[]): readonly ResourceReference[] {
  return folders
    .filter((folder) => path !== folder && path.startsWith(`${folder === '/' ? '' : folder}/`))
    .map((name) => ({ kind: 'file', name }));
}
