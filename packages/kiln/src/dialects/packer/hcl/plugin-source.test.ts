import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pluginSourceFault } from './plugin-source.ts';

test('sources of plugins', () => {
  for (const source of ['github.com/hashicorp/qemu', 'example.com/a/b/c', 'localhost/a/b-2'])
    assert.equal(pluginSourceFault(source), undefined, source);
  const faults: readonly (readonly [string, RegExp])[] = [
    ['https://github.com/hashicorp/qemu', /no scheme/],
    ['/github.com/hashicorp/qemu', /slash/],
    ['github.com/hashicorp/', /slash/],
    ['hashicorp/qemu', /a host, a namespace and a name/],
    ['github.com/hashicorp/qemu?a=b', /neither \? nor #/],
    ['github.com/hashicorp/qemu--x', /two dashes/],
    ['github.com/hashicorp/-qemu', /no dash at the ends/],
    ['github.com/hashicorp/packer-plugin-qemu', /without the prefix: qemu/],
    [`h/${'a/'.repeat(16)}b`, /at most 16/],
  ];
  for (const [source, fault] of faults) assert.match(pluginSourceFault(source) ?? '', fault, source);
});
