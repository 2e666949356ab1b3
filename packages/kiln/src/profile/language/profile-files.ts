import type { Node } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { SourceLocation } from '../../base/errors.ts';
import type { Scope } from '../../base/yaml/interpolate.ts';
import { Places } from '../../base/yaml/places.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import { readShape } from '../../base/yaml/read-shape.ts';
import type { YamlDocument } from '../../base/yaml/yaml-document.ts';
import type { OperatingSystem } from '../../plan/profile.ts';
import { baseOf, type ExtendsEntry, extendsShape, type WrittenBase } from './base-reference.ts';
import { operatingSystem } from './notations/settings.ts';
import { type ParameterDraft, readParameters } from './parameters.ts';
import { generalHint } from './read-layer.ts';
import { parametersShape } from './sections/parameters-shape.ts';

/** One file of a profile, parsed. */
export interface ProfileFile {
  /** As messages name it. */
  readonly shown: string;
  /** Tells files apart. */
  readonly key: string;
  /** Where relative paths start; undefined for what came from elsewhere. */
  readonly folder: string | undefined;
  readonly language: 'profile' | 'cloud-config';
  readonly yaml: YamlDocument;
  /** The profile in it. */
  readonly node: Node;
  /** It stands inside a file of another format. */
  readonly isSection: boolean;
}

export interface Base {
  readonly at: SourceLocation;
  readonly base: WrittenBase;
}

const fixed: Scope = { values: new Map(), unset: new Set(), fixed: true, noun: 'parameter' };

/** What a file is based on. A section that is only a name, or a list of them, has nothing of its own. */
export function readBases(file: ProfileFile, problems: Problems): readonly Base[] {
  const { node, yaml } = file;
  if (file.language === 'cloud-config') return [];
  const isShort = file.isSection && (isScalar(node) || isSeq(node));
  const written = isShort ? node : fieldOf(file, 'extends');
  if (written === undefined) return [];
  const places = new Places();
  const entry = readShape(written, extendsShape, 'extends', {
    yaml,
    scope: fixed,
    problems,
    places,
    hint: generalHint,
  });
  if (entry === undefined) return [];
  const at = yaml.locate(written.range?.[0] ?? 0);
  return isSeveral(entry)
    ? entry.map((one, index) => ({ at: places.of(entry, index), base: baseOf(one) }))
    : [{ at, base: baseOf(entry) }];
}

function isSeveral(entry: ExtendsEntry): entry is Extract<ExtendsEntry, readonly unknown[]> {
  return Array.isArray(entry);
}

/** The parameters that a file declares. */
export function readOwnParameters(
  file: ProfileFile,
  problems: Problems,
): ReadonlyMap<string, ParameterDraft> {
  const written = file.language === 'profile' ? fieldOf(file, 'parameters') : undefined;
  if (written === undefined) return new Map();
  const places = new Places();
  const entries = readShape(written, parametersShape, 'parameters', {
    yaml: file.yaml,
    scope: fixed,
    problems,
    places,
    hint: generalHint,
  });
  return entries ? readParameters(entries, places, problems) : new Map();
}

/** The system that a file is for. It is read before the rest, whose texts may take facts that it tells. */
export function readSystem(file: ProfileFile, scope: Scope, problems: Problems): OperatingSystem | undefined {
  const written = file.language === 'profile' ? fieldOf(file, 'os') : undefined;
  if (written === undefined) return undefined;
  return readShape(written, operatingSystem, 'os', {
    yaml: file.yaml,
    scope,
    problems,
    places: new Places(),
    hint: generalHint,
  });
}

function fieldOf({ node }: ProfileFile, name: string): Node | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === name);
  return pair ? ((pair.value ?? pair.key) as Node) : undefined;
}
