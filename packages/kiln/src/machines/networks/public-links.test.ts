import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { publicLink } from './public-links.ts';

const bridges = new Map([
  ['docker0', ['veth1']],
  ['br0', ['eth0']],
  ['br1', []],
]);

test('a public card goes to the first bridge that it names, or to one that leads out', () => {
  const at = (names: readonly string[]) =>
    publicLink({ bridges, withBridges: true }, '0a0b0c0d', { bridges: names }, 2);
  const tap = { kind: 'tap', device: 'kt0a0b0c0d-2' };
  assert.deepEqual(at([]), { bridge: 'br0', link: tap });
  assert.deepEqual(at(['en0: Wi-Fi (AirPort)', 'br1']), { bridge: 'br1', link: tap });
  const why = at(['eth0']);
  assert.ok(typeof why === 'string');
  assert.match(why, /none of eth0 is a bridge of this host \(its bridges: docker0, br0, br1\)/);
});

test("ordinary users go through QEMU's helper where its rules say so", async (t) => {
  const folder = await temporaryFolder(t);
  const [helper, helperRules] = [join(folder, 'helper'), join(folder, 'bridge.conf')];
  await writeFile(helper, '');
  await chmod(helper, process.getuid?.() === 0 ? 0o4755 : 0o755);
  await writeFile(helperRules, '# ours\nallow br1\n');
  const at = (name: string) =>
    publicLink({ bridges, withBridges: false, helper, helperRules }, '0a0b0c0d', { bridges: [name] }, 0);
  assert.match(String(at('br0')), /an ordinary user may not plug machines into br0.*"allow br0"/);
  if (process.getuid?.() === 0)
    assert.deepEqual(at('br1'), { bridge: 'br1', link: { kind: 'bridge-helper', bridge: 'br1', helper } });
  else assert.match(String(at('br1')), /chmod u\+s/);
});
