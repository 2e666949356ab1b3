import { defineGroup } from '../command.ts';
import { profileApplyCommand } from './profile/apply.ts';
import { profileCaptureCommand } from './profile/capture.ts';
import { profileCheckCommand } from './profile/check.ts';
import { profileDiffCommand } from './profile/diff.ts';
import { profileLockCommand } from './profile/lock.ts';
import { profileRenderCommand } from './profile/render.ts';
import { profileShowCommand } from './profile/show.ts';

/** Each command of the group is a file of its own in `profile/`; its work stands in `actions/profile-….ts`. */
export const profileCommand = defineGroup({
  name: 'profile',
  summary: 'Work with profiles: what a machine should be',
  description:
    'A profile (kiln.profile.yaml, or a cloud-config file) says what a machine is: packages, users, files, services, settings. docs/profiles.md explains the language.',
  commands: [
    profileShowCommand,
    profileLockCommand,
    profileApplyCommand,
    profileCheckCommand,
    profileRenderCommand,
    profileDiffCommand,
    profileCaptureCommand,
  ],
});
