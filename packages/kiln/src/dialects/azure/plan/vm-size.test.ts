import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmSize } from './vm-size.ts';

test('sizes of machines have the processors and the memory of Azure', () => {
  const cases: Readonly<Record<string, readonly [cpus: number, gib: number] | undefined>> = {
    Standard_D1_v2: [1, 3.5],
    Standard_DS2_v2: [2, 7],
    Standard_D2s_v3: [2, 8],
    standard_d4ds_v5: [4, 16],
    Standard_D2lds_v5: [2, 4],
    Standard_E4s_v5: [4, 32],
    'Standard_E32-8s_v5': [8, 256],
    Standard_F4s_v2: [4, 8],
    Standard_B1s: [1, 1],
    Standard_B2ms: [2, 8],
    Standard_B2s_v2: [2, 8],
    Standard_A1_v2: [1, 2],
    Standard_A2m_v2: [2, 16],
    Standard_D16pls_v5: [16, 32],
    Standard_L8s_v3: [8, 64],
    Basic_A0: [1, 0.75],
    Huge_1: undefined,
    Standard_: undefined,
    Standard_D0_v2: undefined,
    '': undefined,
  };
  for (const [name, expected] of Object.entries(cases)) {
    const size = vmSize(name);
    assert.deepEqual(size && [size.cpus, size.memory / 2 ** 30], expected, name);
  }
});
