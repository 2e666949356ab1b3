import type { Content, Profile } from '../../plan/profile.ts';
import { withoutCredentials } from '../../sources/image-url.ts';
import type { FetchedFile } from './lock.ts';

/** What is behind URLs that profiles name, each once: contents of files and keys of repositories. */
export function fetchedByProfiles(profiles: readonly Profile[]): FetchedFile[] {
  const contents = profiles.flatMap(({ files, repositories }): (Content | undefined)[] => [
    ...files.map((file) => (file.kind === 'file' ? file.content : undefined)),
    ...repositories.map(({ key }) => key),
  ]);
  const found = new Map<string, FetchedFile>();
  for (const content of contents) {
    if (content?.kind !== 'url') continue;
    const url = withoutCredentials(content.url);
    found.set(url, { url, sha256: content.digest });
  }
  return [...found.values()];
}
