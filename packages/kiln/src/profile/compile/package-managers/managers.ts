import { apk } from './apk.ts';
import { apt } from './apt.ts';
import { dnf } from './dnf.ts';
import type { PackageManager, PackageManagerName } from './package-manager.ts';
import { zypper } from './zypper.ts';

export const packageManagers: Readonly<Record<PackageManagerName, PackageManager>> = {
  apt,
  dnf,
  zypper,
  apk,
};
