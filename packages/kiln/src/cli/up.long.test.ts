import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

const mistakes: readonly (readonly [what: string, args: readonly string[], stderr: RegExp])[] = [
  ['an image that is not there', ['nosuch'], /^error: there is no image "nosuch"\n/],
  ['a release that nobody makes', ['debian/99'], /^error: debian\/99 is not a release .*\nhint: there are /],
  [
    'a disk that nobody can log in to',
    ['./disk.img'],
    /^error: Kiln does not know how to log in to this image\nhint: give --user with --key, or .*KILN_SSH_PASSWORD\n$/,
  ],
  [
    'a URL without a checksum',
    ['https://127.0.0.1/disk.qcow2'],
    /^error: an image from a URL needs a checksum\nhint: give --checksum /,
  ],
  [
    'a port that is none',
    ['disk.img', '-p', 'x', '--key', 'key', '--user', 'me'],
    /^error: entry 1 of ports: found "x"/,
  ],
  [
    'a host port twice',
    ['debian/12', '-p', '80:80', '-p', '80:81'],
    /^error: host port 80 is given twice\n$/,
  ],
  ['memory without a unit', ['debian/12', '--memory', '512'], /^error: memory: "512" has no unit\n/],
  ['two images', ['debian/12', 'debian/11'], /^error: only one image at a time can be brought up\n/],
];

for (const [what, args, stderr] of mistakes) {
  test(`${what} is told in the words of the command line, before anything is made`, async (t) => {
    const { kiln } = makeWorkshop(t, { 'disk.img': '\0'.repeat(512), key: 'x' });
    const result = await kiln('up', ...args);
    assert.ok(result.code === 1 || result.code === 2);
    assert.match(result.stderr, stderr);
    assert.equal((await kiln('list', '--json')).stdout.trim(), '[]');
  });
}

test('a guest port alone gets a host port that no other forward asks for', async (t) => {
  const { kiln } = makeWorkshop(t);
  // Only what comes behind the ports is wrong.
  const { stderr } = await kiln('up', 'nosuch', '-p', '80', '-p', '8080:81', '-p', '1080');
  assert.match(stderr, /^error: there is no image "nosuch"/);
});
