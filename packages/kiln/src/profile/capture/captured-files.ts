import type { FileWish } from '../../plan/profile.ts';
import { accountNames } from '../diff/state-of-inventory.ts';
import { isByteName, showName } from '../inventory/byte-names.ts';
import type { Inventory, InventoryFile } from '../inventory/inventory.ts';
import { pathProblem } from '../language/notations/paths.ts';
import type { BareSystem } from './bare-system.ts';
import type { CapturedFile, LeftOutSecret, Remark } from './captured-profile.ts';
import { inlineText } from './inline-text.ts';

export interface CapturedFiles {
  readonly wishes: readonly FileWish[];
  readonly local: ReadonlyMap<string, CapturedFile>;
  readonly remarks: readonly Remark[];
  readonly warnings: readonly string[];
}

export interface FileSources {
  /** Contents of the files in question, as far as they could be read. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly secrets: ReadonlyMap<string, LeftOutSecret>;
  /** Paths of files that other sections tell of. */
  readonly told: ReadonlySet<string>;
  /** Name of the folder for files that do not stand in the profile. */
  readonly folder: string;
}

/** Which files are in question: everything that is not as packages and the bare system have it. */
export function filesInQuestion({ files }: Inventory, bare: BareSystem): InventoryFile[] {
  const usual = new Map(bare.inventory?.files.map((file) => [file.path, file]));
  return files.filter((file) => isOwn(file) && !isSame(file, usual.get(file.path)));
}

function isOwn({ state, kind }: InventoryFile): boolean {
  return (
    (state === 'own' || state === 'changed') &&
    (kind === 'file' || kind === 'symlink' || kind === 'directory')
  );
}

function isSame(file: InventoryFile, usual: InventoryFile | undefined): boolean {
  if (!usual || usual.kind !== file.kind) return false;
  const same = (key: 'mode' | 'uid' | 'gid' | 'target' | 'sha256') => file[key] === usual[key];
  const content = file.kind !== 'file' || (file.sha256 !== undefined && same('sha256'));
  return same('mode') && same('uid') && same('gid') && same('target') && content;
}

/** Files, links and folders of somebody's own, and what somebody has taken away. */
export function captureFiles(inventory: Inventory, bare: BareSystem, sources: FileSources): CapturedFiles {
  const names = accountNames(inventory);
  const wishes: FileWish[] = [];
  const local = new Map<string, CapturedFile>();
  const remarks: Remark[] = [];
  const warnings: string[] = [];
  const inQuestion = filesInQuestion(inventory, bare);
  const folders: FileWish[] = [];
  const homes = new Set(inventory.users.map((user) => user.home));
  const owner = ({ uid, gid }: InventoryFile) => ({
    ...(uid === 0 ? {} : { owner: names.user(uid) }),
    ...(gid === 0 ? {} : { group: names.group(gid) }),
  });
  const attributes = (file: InventoryFile, usualMode: number) => ({
    ...(file.mode === usualMode ? {} : { mode: file.mode }),
    ...owner(file),
  });
  for (const file of inQuestion) {
    const { path, kind } = file;
    if (sources.told.has(path) || sources.secrets.has(path)) continue;
    if (!canBeNamed(path)) {
      warnings.push(`${showName(path)} is left out: a profile cannot have such a name`);
      continue;
    }
    if (kind === 'symlink') {
      if (file.target && !isByteName(file.target)) wishes.push({ path, kind: 'link', target: file.target });
      continue;
    }
    if (kind === 'directory') {
      // Homes are made with their users, and have their owners from then on.
      if (!homes.has(path))
        folders.push({ path, kind: 'directory', exact: false, ...attributes(file, 0o755) });
      else if (file.mode !== 0o755) folders.push({ path, kind: 'directory', exact: false, mode: file.mode });
      continue;
    }
    const bytes = sources.contents.get(path);
    if (bytes === undefined) {
      warnings.push(
        `${showName(path)} is left out: ${file.size} bytes, which is too large, or it could not be read`,
      );
      continue;
    }
    const text = inlineText(bytes);
    const base = { path, kind: 'file', secret: false, ...attributes(file, 0o644) } as const;
    if (text !== undefined) wishes.push({ ...base, content: { kind: 'text', text } });
    else {
      const place = `${sources.folder}${path}`;
      // Executable bits are kept for those who look at the folder; the profile says the mode itself.
      local.set(place, { bytes, mode: (file.mode & 0o755) | 0o600 });
      wishes.push({ ...base, content: { kind: 'local', path: `./${place}` } });
    }
  }
  for (const path of missingFiles(inventory, bare)) wishes.push({ path, kind: 'absent', recursive: false });
  for (const [path, fields] of changedAttributes(inventory, bare)) {
    if (!sources.told.has(path) && canBeNamed(path)) wishes.push({ path, ...fields });
  }
  wishes.push(...toldFolders(folders, wishes, sources.told));
  wishes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { wishes, local, remarks, warnings };
}

function canBeNamed(path: string): boolean {
  return !isByteName(path) && pathProblem(path) === undefined;
}

/** Folders with an owner or a mode of their own, and those that are empty: others come with what is in them. */
function toldFolders(
  folders: readonly FileWish[],
  wishes: readonly FileWish[],
  told: ReadonlySet<string>,
): FileWish[] {
  const parents = new Set([...told].map((path) => path.slice(0, path.lastIndexOf('/'))));
  for (const { path, kind } of [...wishes, ...folders]) {
    if (kind !== 'absent') parents.add(path.slice(0, path.lastIndexOf('/')));
  }
  const isPlain = (folder: FileWish) =>
    folder.kind === 'directory' && !folder.mode && !folder.owner && !folder.group;
  return folders.filter((folder) => !isPlain(folder) || !parents.has(folder.path));
}

function missingFiles({ files }: Inventory, { inventory: bare }: BareSystem): string[] {
  const there = new Set(files.filter((file) => file.state !== 'missing').map((file) => file.path));
  const missing = files.filter((file) => file.state === 'missing').map((file) => file.path);
  // What the bare system has, and this one does not, somebody has removed, unless a package took it along.
  const gone = (bare?.files ?? [])
    .filter((file) => file.state === 'own' && file.kind !== 'directory')
    .map((file) => file.path);
  return [...new Set([...missing, ...gone.filter((path) => !there.has(path))])].filter(canBeNamed);
}

type Attributes = Pick<Extract<FileWish, { kind: 'file' }>, 'kind' | 'secret' | 'mode' | 'owner' | 'group'>;

/** Files whose content is as it was, but not their mode or owner. Only a bare system that was looked at can tell. */
function changedAttributes(inventory: Inventory, { inventory: bare }: BareSystem): [string, Attributes][] {
  if (!bare) return [];
  const usual = new Map(bare.files.map((file) => [file.path, file]));
  const names = accountNames(inventory);
  const usualNames = accountNames(bare);
  return inventory.files.flatMap((file): [string, Attributes][] => {
    const before = usual.get(file.path);
    if (
      !before ||
      (file.state !== 'shipped' && file.state !== 'made') ||
      file.kind !== 'file' ||
      before.kind !== 'file'
    )
      return [];
    const fields = {
      ...(file.mode === before.mode ? {} : { mode: file.mode }),
      ...(names.user(file.uid) === usualNames.user(before.uid) ? {} : { owner: names.user(file.uid) }),
      ...(names.group(file.gid) === usualNames.group(before.gid) ? {} : { group: names.group(file.gid) }),
    };
    return Object.keys(fields).length === 0 ? [] : [[file.path, { kind: 'file', secret: false, ...fields }]];
  });
}
