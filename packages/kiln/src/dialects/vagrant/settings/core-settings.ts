import { flag, text, type ValuesOf, value } from './setting.ts';

/** `config.vagrant.*`: https://developer.hashicorp.com/vagrant/docs/vagrantfile/vagrant_settings */
export const vagrantSettings = {
  host: text('detect'),
  sensitive: value(null),
  plugins: value({}),
} as const;

export const nfsSettings = {
  functional: flag(true),
  map_uid: value('auto'),
  map_gid: value('auto'),
  verify_installed: flag(true),
} as const;

export const smbSettings = { functional: flag(true) } as const;

export const packageSettings = { name: text(null) } as const;

export type VagrantSettings = ValuesOf<typeof vagrantSettings>;
export type NfsSettings = ValuesOf<typeof nfsSettings>;
export type SmbSettings = ValuesOf<typeof smbSettings>;
export type PackageSettings = ValuesOf<typeof packageSettings>;

/** What `config.push.define` knows, by strategy. */
export const pushSettings = {
  ftp: {
    host: text(null),
    username: text(null),
    password: text(null),
    passive: flag(true),
    secure: flag(false),
    destination: text('/'),
    dir: text('.'),
    includes: value([], { initial: 'list' }),
    excludes: value([], { initial: 'list' }),
  },
  heroku: { app: text(null), dir: text('.'), git_bin: text('git'), remote: text('heroku') },
  'local-exec': { script: text(null), inline: text(null), args: value(null) },
  noop: {},
} as const;
