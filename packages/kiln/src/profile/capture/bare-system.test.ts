import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customizeHook } from '../../sources/bootstrap/customize-hook.ts';
import { kilnUnits } from './bare-system.ts';

test("what capturing knows of the units of Kiln's systems is what their recipe does", () => {
  const hook = customizeHook('', []);
  const unitsOf = (verb: string) => (new RegExp(`systemctl ${verb} (.*)`).exec(hook)?.[1] ?? '').split(' ');
  const known = (enabled: boolean) =>
    kilnUnits.filter(([, state]) => state === enabled).map(([name]) => name);
  assert.deepEqual(known(false).sort(), unitsOf('disable').sort());
  // Enabling one unit enables those that its [Install] section names too.
  const along = /^systemd-network-generator\.|^systemd-networkd-wait-online\.|^systemd-networkd\.socket$/;
  assert.deepEqual(
    known(true)
      .filter((name) => !along.test(name))
      .sort(),
    unitsOf('enable').sort(),
  );
});
