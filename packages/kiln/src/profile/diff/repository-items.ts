import type { InventoryRepository } from '../inventory/inventory.ts';
import type { StateItem } from './system-state.ts';

type Places = Pick<
  InventoryRepository,
  'urls' | 'suites' | 'components' | 'architectures' | 'disabled' | 'signedBy'
>;

/** Repositories by address and suite: whether two are written in one paragraph or two lines means nothing. */
export function repositoryItems(
  repositories: readonly Places[],
  distribution: string,
): Map<string, StateItem> {
  const items = new Map<string, StateItem>();
  for (const repository of repositories) {
    const { urls, suites, components, architectures, disabled } = repository;
    if (disabled) continue;
    for (const url of urls) {
      const official = officialArchive(url, repository, distribution);
      for (const suite of suites.length === 0 ? [''] : suites) {
        const name = `${official ?? withoutSlash(url)} ${suite}`.trim();
        const known = items.get(name)?.values['components']?.split(' ') ?? [];
        items.set(name, {
          values: {
            components: [...new Set([...known, ...components])]
              .filter((one) => one !== '')
              .sort()
              .join(' '),
            architectures: [...architectures].sort().join(' '),
            ...(official === undefined ? {} : { url: withoutSlash(url) }),
          },
          // Every mirror has the same.
          minor: ['url'],
        });
      }
    }
  }
  return items;
}

/** Parts that only the archives of distributions have. */
const officialComponents = /^(?:main|contrib|non-free(?:-firmware)?|restricted|universe|multiverse)$/;

/**
 * The name of the distribution's own archive, whichever mirror it is had from; undefined for others, which may look much
 * like it but are signed by others and have other parts.
 */
export function officialArchive(
  url: string,
  { components, signedBy }: Pick<Places, 'components' | 'signedBy'>,
  distribution: string,
): string | undefined {
  const name = /\/(debian|debian-security|ubuntu|ubuntu-ports)$/.exec(withoutSlash(url))?.[1];
  if (name === undefined || distribution === '' || name.split('-')[0] !== distribution) return undefined;
  const isOwn = components.length > 0 && components.every((component) => officialComponents.test(component));
  return isOwn && (signedBy === undefined || isDistributionKey(signedBy)) ? name : undefined;
}

/** Keys that come with the distribution itself. */
export function isDistributionKey(signedBy: string): boolean {
  return /^\/usr\/share\/keyrings\/(?:debian|ubuntu)-archive-/.test(signedBy);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
