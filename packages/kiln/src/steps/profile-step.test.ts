import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Profile } from '../plan/profile.ts';
import type { ProfileStep } from '../plan/step.ts';
import { profileOf, scriptOf, textFile } from '../profile/apply/testing/profile-parts.ts';
import { smallSystem, smallSystemObstacle } from '../profile/apply/testing/small-system.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';

const skip = (await smallSystemObstacle('dash')) ?? false;

function profileStep(profile: Profile): ProfileStep {
  return { kind: 'profile', part: 'all', profile, reads: [], pauseBefore: 0, timeout: 0, maxRetries: 0 };
}

test('a build’s machine is brought to a profile, with a word for everything that was changed', {
  skip,
}, async (t) => {
  const { guest, tree } = await smallSystem(t);
  const profile = profileOf({
    name: 'web',
    files: [textFile('/etc/motd', 'hello\n')],
    scripts: [scriptOf('speak', 'echo spoken')],
  });
  const first = await recordedContext(t, { guest });
  await runStep(profileStep(profile), first);
  assert.equal(await readFile(join(tree, 'etc/motd'), 'utf8'), 'hello\n');
  assert.deepEqual(first.said, [
    'file /etc/motd changed',
    '  exists: no → yes',
    'web: 1 changed, 1 as they should be',
  ]);
  assert.deepEqual(first.stdout, ['spoken']);
  const second = await recordedContext(t, { guest });
  await runStep(profileStep(profile), second);
  assert.deepEqual(second.said, ['web: 0 changed, 2 as they should be']);
});

test('a profile of which something fails fails the step, when all the rest is done', { skip }, async (t) => {
  const { guest, tree } = await smallSystem(t);
  const profile = profileOf({
    name: 'web',
    files: [textFile('/etc/passwd/x', 'no'), textFile('/etc/motd', 'hello\n')],
    scripts: [scriptOf('fail', 'exit 3')],
  });
  const context = await recordedContext(t, { guest });
  await assert.rejects(runStep(profileStep(profile), context), {
    code: 'step-failed',
    message:
      'the profile web could not be applied: file /etc/passwd/x failed: the folder /etc/passwd cannot be made, and 1 more',
  });
  assert.equal(await readFile(join(tree, 'etc/motd'), 'utf8'), 'hello\n');
  assert.ok(context.said.includes('script fail failed: it ended with 3'));
});
