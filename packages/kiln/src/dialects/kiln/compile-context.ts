import type { Places } from '../../base/yaml/places.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import type { YamlDocument } from '../../base/yaml/yaml-document.ts';
import type { BaseReference, FoundBase } from '../../profile/language/profile-reading.ts';
import type { ProfileSectionInput } from '../../profile/language/read-profile.ts';

/** What the compiling of every part of the file needs. */
export interface CompileContext {
  /** Folder of kiln.yaml: relative paths refer to it. */
  readonly folder: string;
  /** The file as the user named it, as a document, and the values of its variables. */
  readonly shownFile: string;
  readonly yaml: YamlDocument;
  readonly variables: ProfileSectionInput['variables'];
  readonly hostCpus: number;
  readonly problems: Problems;
  readonly places: Places;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What profiles extend and is no local file, as far as it was looked up. */
  readonly bases: ReadonlyMap<string, FoundBase>;
  /** Collects those that are still to be looked up: the file has to be read again then. */
  readonly missing: BaseReference[];
  /** Collects the values of secret parameters. */
  readonly secrets: string[];
  /** Names of the file's images. */
  readonly imageNames: readonly string[];
}
