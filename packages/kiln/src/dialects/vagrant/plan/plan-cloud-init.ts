import type { CloudInitPart } from '../../../plan/machine-spec.ts';
import { onHost, type Planning } from './planning.ts';

/** What cloud-init in the machine is told, part by part. */
export function planCloudInit(planning: Planning): readonly CloudInitPart[] {
  return planning.machine.cloudInit.map(({ contentType, path, inline, fileName }) => ({
    contentType,
    content:
      path === undefined
        ? { kind: 'text' as const, text: inline ?? '' }
        : { kind: 'file' as const, path: onHost(planning, path) },
    ...(fileName !== undefined && { fileName }),
  }));
}
