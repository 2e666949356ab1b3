import { DiskImageError } from '../read.ts';
import type { Ext4Layout, Extent, FileLayout } from './layout.ts';

const format = 'kiln-ext4-layout/1';

/** What is not for every file; names are short because there are tens of thousands. */
interface Extra {
  /** Blocks of the extent tree. */
  readonly t?: readonly number[];
  /** Block of attributes. */
  readonly a?: number;
  /** Leaves of a directory. */
  readonly l?: readonly number[];
}

/**
 * A file as a row: how many characters of its path are those of the row before, the rest of the path, inode, extents
 * one number after the other, and for files with data size and checksum (-1: unknown).
 */
type Row = [
  shared: number,
  rest: string,
  inode: number,
  extents: number[],
  size?: number,
  head?: number,
  extra?: Extra,
];

/** A layout as compact JSON text, a file a line. The same layout always gives the same text. */
export function layoutToJson(layout: Ext4Layout): string {
  const { files, journal, ...numbers } = layout;
  const lines: string[] = [];
  let before = '';
  for (const path of [...files.keys()].sort()) {
    lines.push(JSON.stringify(rowOf(before, path, files.get(path)!)));
    before = path;
  }
  const head = JSON.stringify({ format, ...numbers, journal: flat(journal) }).slice(0, -1);
  return `${head},"files":[\n${lines.join(',\n')}\n]}\n`;
}

/** @throws DiskImageError when the text is no layout of this version */
export function layoutFromJson(text: string): Ext4Layout {
  const value = parse(text);
  if (!isRecord(value) || value['format'] !== format) throw notOne('it does not say that it is one');
  const { blocks, inodesPerGroup, descriptorBlocks, journal, files: rows } = value;
  if (!isNumber(blocks) || !isNumber(inodesPerGroup) || !isNumber(descriptorBlocks))
    throw notOne('it does not say how large the filesystem is');
  if (!isNumbers(journal) || !Array.isArray(rows)) throw notOne('journal or files are missing');
  const files = new Map<string, FileLayout>();
  let before = '';
  for (const row of rows) {
    if (!isRow(row)) throw notOne(`file ${files.size + 1} is no row of a layout`);
    const path = before.slice(0, row[0]) + row[1];
    files.set(path, fileOf(row));
    before = path;
  }
  return { blocks, inodesPerGroup, descriptorBlocks, journal: extentsOf(journal), files };
}

function rowOf(before: string, path: string, file: FileLayout): Row {
  let shared = 0;
  while (shared < before.length && before[shared] === path[shared]) shared++;
  const { content, treeBlocks, attributeBlock, leaves } = file;
  const row: Row = [shared, path.slice(shared), file.inode, flat(file.extents)];
  const extra: Extra = {
    ...(treeBlocks.length > 0 ? { t: treeBlocks } : {}),
    ...(attributeBlock === undefined ? {} : { a: attributeBlock }),
    ...(leaves ? { l: leaves } : {}),
  };
  const hasExtra = Object.keys(extra).length > 0;
  if (content || hasExtra) row.push(content?.size ?? -1, content?.head ?? -1);
  if (hasExtra) row.push(extra);
  return row;
}

function fileOf([, , inode, extents, size = -1, head = -1, extra = {}]: Row): FileLayout {
  return {
    inode,
    extents: extentsOf(extents),
    treeBlocks: extra.t ?? [],
    ...(extra.a === undefined ? {} : { attributeBlock: extra.a }),
    ...(extra.l ? { leaves: extra.l } : {}),
    ...(size < 0 ? {} : { content: { size, ...(head < 0 ? {} : { head }) } }),
  };
}

function flat(extents: readonly Extent[]): number[] {
  return extents.flatMap(({ logical, physical, length }) => [logical, physical, length]);
}

function extentsOf(numbers: readonly number[]): Extent[] {
  const extents: Extent[] = [];
  for (let at = 0; at + 2 < numbers.length; at += 3)
    extents.push({ logical: numbers[at]!, physical: numbers[at + 1]!, length: numbers[at + 2]! });
  return extents;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notOne((error as Error).message);
  }
}

function notOne(why: string): DiskImageError {
  return new DiskImageError(`this is no layout of an ext4 filesystem: ${why}`);
}

function isRow(value: unknown): value is Row {
  if (!Array.isArray(value)) return false;
  const [shared, rest, inode, extents, size = 0, head = 0, extra = {}] = value as unknown[];
  const areNumbers = [shared, inode, size, head].every(isNumber);
  return areNumbers && typeof rest === 'string' && isNumbers(extents) && isExtra(extra);
}

function isExtra(value: unknown): value is Extra {
  if (!isRecord(value)) return false;
  const { t = [], a = 0, l = [] } = value;
  return isNumbers(t) && isNumber(a) && isNumbers(l);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isNumber);
}
