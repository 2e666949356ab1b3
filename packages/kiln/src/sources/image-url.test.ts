import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageUrl, withoutCredentials } from './image-url.ts';

const digest = { kind: 'digest', algorithm: 'md5', hex: 'a'.repeat(32) } as const;

test('http URLs lose the options that are meant for the fetcher, and keep the others', () => {
  const location = parseImageUrl(
    `https://host/a/disk%201.img?token=x&checksum=md5:${digest.hex}&archive=false`,
  );
  assert.ok(location.kind === 'http');
  assert.equal(location.url.href, 'https://host/a/disk%201.img?token=x');
  assert.equal(location.fileName, 'disk 1.img');
  assert.equal(location.unpack, false);
  assert.deepEqual(location.checksum, digest);
  const named = parseImageUrl('http::http://host/download?id=1&filename=disk.iso');
  assert.ok(named.kind === 'http');
  assert.equal(named.url.href, 'http://host/download?id=1');
  assert.equal(named.fileName, 'disk.iso');
  assert.equal(named.unpack, true);
});

test('paths and file URLs are files', () => {
  const path = (text: string) => {
    const location = parseImageUrl(text);
    return location.kind === 'file' ? location.path : undefined;
  };
  assert.equal(path('/a b/disk.img'), '/a b/disk.img');
  assert.equal(path('./disk.img'), './disk.img');
  assert.equal(path('file:///a%20b/disk.img'), '/a b/disk.img');
  assert.equal(path('file://./disk.img'), './disk.img');
  assert.equal(path('file::/disk.img'), '/disk.img');
  assert.equal(path('/what?.img'), '/what?.img');
  assert.equal(path(`/disk.img?checksum=${digest.hex}`), '/disk.img');
  assert.deepEqual(parseImageUrl(`file:///disk.img?checksum=${digest.hex}`).checksum, digest);
});

test('what cannot be fetched is refused by name', () => {
  for (const [text, scheme] of [
    ['s3::https://s3.amazonaws.com/bucket/disk.img', 's3'],
    ['git::https://host/repo', 'git'],
    ['ftp://host/disk.img', 'ftp'],
    ['smb://host/share/disk.img', 'smb'],
  ])
    assert.throws(() => parseImageUrl(text!), {
      code: 'unsupported',
      message: new RegExp(`with ${scheme} `),
    });
  assert.throws(() => parseImageUrl('https://'), { code: 'template-invalid' });
  assert.throws(() => parseImageUrl('file://otherhost/disk.img'), { code: 'template-invalid' });
  assert.throws(() => parseImageUrl('https://host/x?checksum=zzz'), { code: 'template-invalid' });
});

test('a URL is shown without password and token', () => {
  assert.equal(withoutCredentials('https://me:p@ss@host/a.img?sig=secret'), 'https://host/a.img');
  assert.equal(withoutCredentials(new URL('http://host/a@b.img')), 'http://host/a@b.img');
});
