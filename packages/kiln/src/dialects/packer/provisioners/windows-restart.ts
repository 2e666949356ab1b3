import type { WindowsRestartStep } from '../../../plan/step.ts';
import { lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import type { StepMeta } from './step-meta.ts';

const servicing = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';

/** Present while the system still has to restart for an installation. */
const usualKeys = [
  `HKLM:SOFTWARE\\${servicing}\\RebootPending`,
  `HKLM:SOFTWARE\\${servicing}\\PackagesPending`,
  `HKLM:Software\\${servicing}\\RebootInProgress`,
];

/** Packer's windows-restart provisioner (https://developer.hashicorp.com/packer/docs/provisioners/windows-restart). */
export function readWindowsRestartProvisioner(options: Options, meta: StepMeta): WindowsRestartStep {
  const checkCommand = options.text('restart_check_command', lateBuildValues);
  const keys = options.strings('registry_keys');
  const step = {
    restartCommand:
      options.text('restart_command', lateBuildValues) ?? 'shutdown /r /f /t 0 /c "packer restart"',
    restartTimeout: options.duration('restart_timeout') || 300_000,
    registryKeys: options.boolean('check_registry') ? (keys.length > 0 ? keys : usualKeys) : [],
  };
  options.finish();
  return {
    kind: 'windows-restart',
    ...meta,
    ...step,
    ...(checkCommand !== undefined && { checkCommand }),
  };
}
