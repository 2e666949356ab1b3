import type { SectionLayer } from './layers.ts';
import type { GroupDraft } from './sections/groups.ts';
import type { PackageDraft } from './sections/packages.ts';
import type { ConfigLayer } from './sections/read-config.ts';
import type { FileDraft } from './sections/read-file.ts';
import type { RepositoryDraft } from './sections/repositories.ts';
import type { ScriptDraft } from './sections/scripts.ts';
import type { ServiceDraft } from './sections/services.ts';
import type { UserDraft } from './sections/users.ts';

/** Everything that one file says, in whichever language it is written. */
export interface ProfileLayer {
  readonly name?: string | undefined;
  readonly repositories: SectionLayer<RepositoryDraft>;
  readonly packages: SectionLayer<PackageDraft>;
  readonly groups: SectionLayer<GroupDraft>;
  readonly users: SectionLayer<UserDraft>;
  readonly files: SectionLayer<FileDraft>;
  readonly services: SectionLayer<ServiceDraft>;
  readonly scripts: SectionLayer<ScriptDraft>;
  readonly config: ConfigLayer;
}
