import { createHash } from 'node:crypto';
import type { SourceLocation } from '../../../base/errors.ts';
import type { ScriptPoint } from '../../../plan/profile.ts';
import { type LayerItem, overlay, type SectionLayer } from '../layers.ts';
import type { ProfileLayer } from '../profile-layer.ts';
import type { ConfigLayer } from '../sections/read-config.ts';

type Sections = Omit<ProfileLayer, 'name' | 'config'>;
type DraftOf<S> = S extends SectionLayer<infer D> ? D : never;

/** Puts a layer together from what is said in many places: a thing that is named again gets further fields. */
export class LayerBuilder {
  readonly #sections = new Map<string, Map<string, LayerItem<object>>>();

  add<K extends keyof Sections>(
    section: K,
    name: string,
    at: SourceLocation,
    draft: DraftOf<Sections[K]>,
  ): void {
    this.#put(section, name, at, draft);
  }

  /** A setting of the section `config`; those that are single values are called as they are. */
  set<K extends keyof ConfigLayer>(
    section: K,
    name: string,
    at: SourceLocation,
    draft: DraftOf<ConfigLayer[K]>,
  ): void {
    this.#put(`config.${section}`, name, at, draft as object);
  }

  /** What was said of a thing so far. */
  find<K extends keyof Sections>(section: K, name: string): DraftOf<Sections[K]> | undefined {
    return this.#sections.get(section)?.get(name)?.draft as DraftOf<Sections[K]> | undefined;
  }

  /** A script that a machine runs once, however often the profile is applied; another text is another script. */
  addOnce(name: string, point: ScriptPoint, at: SourceLocation, text: string): void {
    const digest = createHash('sha256').update(`${name}\0${text}`).digest('hex').slice(0, 16);
    const word = name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40);
    const mark = `/var/lib/kiln/cloud-config/${word}-${digest}`;
    const run = `#!/bin/sh\n${text.replace(/\n*$/, '\n')}mkdir -p /var/lib/kiln/cloud-config && : > ${mark}\n`;
    this.add('scripts', name, at, { at: point, run, creates: mark });
  }

  build(): ProfileLayer {
    const section = <D>(name: string): SectionLayer<D> => ({
      reset: false,
      items: [...(this.#sections.get(name)?.values() ?? [])] as unknown as readonly LayerItem<D>[],
    });
    return {
      repositories: section('repositories'),
      packages: section('packages'),
      groups: section('groups'),
      users: section('users'),
      files: section('files'),
      services: section('services'),
      scripts: section('scripts'),
      config: {
        hostname: section('config.hostname'),
        timezone: section('config.timezone'),
        locale: section('config.locale'),
        keyboard: section('config.keyboard'),
        dns: section('config.dns'),
        swap: section('config.swap'),
        locales: section('config.locales'),
        load: section('config.load'),
        blacklist: section('config.blacklist'),
        sysctl: section('config.sysctl'),
        environment: section('config.environment'),
        hosts: section('config.hosts'),
        limits: section('config.limits'),
        cron: section('config.cron'),
        timers: section('config.timers'),
      },
    };
  }

  #put(section: string, name: string, at: SourceLocation, draft: object): void {
    const items = this.#sections.get(section) ?? new Map<string, LayerItem<object>>();
    this.#sections.set(section, items);
    const before = items.get(name);
    items.set(name, {
      name,
      at: before?.at ?? at,
      how: 'merge',
      draft: before ? overlay(before.draft, draft) : draft,
      places: {},
    });
  }
}
