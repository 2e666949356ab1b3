import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortForward } from '../plan/machine-spec.ts';
import { webAddress } from './web-address.ts';

const forward = (guest: number, host: number, more: Partial<PortForward> = {}): PortForward => ({
  ...{ guest, host, hostAddress: '127.0.0.1', protocol: 'tcp', autoCorrect: true },
  ...more,
});

test('the port that web servers have by custom is taken before others', () => {
  const ports = [forward(5432, 15432), forward(3000, 3000), forward(80, 8080)];
  assert.equal(webAddress({ ports }), 'http://127.0.0.1:8080/');
  assert.equal(webAddress({ ports }, 3000), 'http://127.0.0.1:3000/');
  assert.equal(webAddress({ ports }, 9999), undefined);
});

test('an address that stands for all of this host’s is not one that a browser can go to', () => {
  const ports = [forward(443, 8443, { hostAddress: '0.0.0.0' })];
  assert.equal(webAddress({ ports }), 'https://127.0.0.1:8443/');
  assert.equal(webAddress({ ports: [forward(80, 8080, { hostAddress: '::1' })] }), 'http://[::1]:8080/');
});

test('a machine without ports, or with UDP alone, has no page', () => {
  assert.equal(webAddress({ ports: [] }), undefined);
  assert.equal(webAddress({ ports: [forward(53, 5353, { protocol: 'udp' })] }), undefined);
});
