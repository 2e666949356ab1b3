import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileOf } from '../profile/apply/testing/profile-parts.ts';
import { noConfig } from '../profile/profile-parts.ts';
import { withOwnHostname } from './own-hostname.ts';

const machine = { name: 'two', hostname: 'web-2', image: { description: 'debian/12', seeded: true } };
const named = (hostname: string) => profileOf({ config: { ...noConfig, hostname, timezone: 'Etc/UTC' } });

test('a machine that Kiln has named keeps its name, and is told so', () => {
  const { profile, note } = withOwnHostname(named('web-1'), machine);
  assert.deepEqual(profile, profileOf({ config: { ...noConfig, timezone: 'Etc/UTC' } }));
  assert.match(note!, /the host name of two is web-2, .* the profile's \(web-1\) does not count/);
});

test('a name counts where it is the same, and where the machine does not get one from Kiln', () => {
  assert.deepEqual(withOwnHostname(named('web-2'), machine), { profile: named('web-2') });
  const box = { ...machine, image: { description: 'a box', seeded: false } };
  assert.deepEqual(withOwnHostname(named('web-1'), box), { profile: named('web-1') });
  assert.deepEqual(withOwnHostname(profileOf(), machine), { profile: profileOf() });
});
