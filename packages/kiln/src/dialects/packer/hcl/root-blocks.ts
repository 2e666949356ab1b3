import { type Block, type Body, type BodySchema, parseConfig, parseJsonConfig } from '@kiln/hcl';
import type { Problems } from '../problems.ts';
import { report } from './diagnostics.ts';
import { isJsonFile, type SourceFile } from './source-files.ts';

const rootTypes = [
  'packer',
  'variables',
  'variable',
  'locals',
  'local',
  'data',
  'source',
  'build',
  'hcp_packer_registry',
  'communicator',
] as const;

export type RootType = (typeof rootTypes)[number];

const labels: Readonly<Partial<Record<RootType, readonly string[]>>> = {
  variable: ['name'],
  local: ['name'],
  data: ['type', 'name'],
  source: ['type', 'name'],
  communicator: ['type', 'name'],
};

const rootSchema: BodySchema = {
  blocks: rootTypes.map((type) => ({ type, ...(labels[type] && { labels: labels[type] }) })),
};

/** The outermost blocks of all files, by type, each type in the files' order. */
export type RootBlocks = ReadonlyMap<RootType, readonly Block[]>;

/**
 * Parses the files of a template. Undefined when one of them is not written rightly: what follows from that is not
 * worth telling.
 */
export function readRootBlocks(files: readonly SourceFile[], problems: Problems): RootBlocks | undefined {
  const bodies = files.map((file) => parseFile(file, problems));
  if (problems.hasErrors) return undefined;
  const blocks = new Map<RootType, Block[]>(rootTypes.map((type) => [type, []]));
  for (const body of bodies) {
    const { value: content, diagnostics } = body.content(rootSchema);
    report(problems, diagnostics);
    for (const block of content.blocks) blocks.get(block.type as RootType)!.push(block);
  }
  return blocks;
}

/** The body of a file, in the syntax that its name tells. */
export function parseFile({ file, text, bytes }: SourceFile, problems: Problems): Body {
  const content = bytes ?? text;
  const { value: body, diagnostics } = isJsonFile(file)
    ? parseJsonConfig(content, file)
    : parseConfig(content, file);
  report(problems, diagnostics);
  return body;
}
