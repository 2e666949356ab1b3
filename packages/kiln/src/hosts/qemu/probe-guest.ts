/** QEMU's exit code when the guest has run to its end: isa-debug-exit makes `value << 1 | 1` of what is written. */
export const probeGuestExitCode = (0x10 << 1) | 1;

/**
 * A boot sector that does what kernels do and half-working hypervisors fail at or crawl through: it builds page
 * tables, enters long mode, runs 200 rounds of CPUID and TLB flush and a loop of ten million turns, and then ends
 * QEMU by writing 0x10 to port 0xf4.
 */
export function probeGuest(): Buffer {
  const sector = Buffer.alloc(512);
  let at = 0;
  for (const [bytes] of program) at += sector.write(bytes!.replaceAll(' ', ''), at, 'hex');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** Loaded at 0x7c00 in real mode. */
const program: readonly (readonly [string, string])[] = [
  ['fa', 'cli'],
  ['31c0 8ed8 8ec0 8ed0', 'ax, ds, es, ss = 0'],
  ['bc007c', 'sp = 0x7c00'],
  ['fc', 'cld'],
  ['bf0010', 'di = 0x1000'],
  ['b9000c', 'cx = 0xc00'],
  ['6631c0 66f3ab', 'clear three pages of tables'],
  ['c70600100320', '[0x1000] = 0x2003: level 4'],
  ['c70600200330', '[0x2000] = 0x3003: level 3'],
  ['c70600308300', '[0x3000] = 0x83: one page of 2 MiB'],
  ['66b800100000 0f22d8', 'cr3 = 0x1000'],
  ['0f20e0 0c20 0f22e0', 'cr4 |= PAE'],
  ['66b9800000c0 0f32 80cc01 0f30', 'EFER |= LME'],
  ['0f0116987c', 'lgdt [0x7c98]'],
  ['0f20c0 660d01000080 0f22c0', 'cr0 |= PG | PE'],
  ['ea5f7c0800', 'jmp 8:0x7c5f, 64 bits from here on'],
  ['bbc8000000', 'ebx = 200'],
  ['31c0 89de 0fa2 89f3', 'cpuid, keeping ebx'],
  ['0f20d8 0f22d8', 'cr3 = cr3'],
  ['ffcb 75ee', 'until ebx is 0'],
  ['b980969800', 'ecx = 10000000'],
  ['ffc9 75fc', 'until ecx is 0'],
  ['b010 e6f4', 'out 0xf4, 0x10'],
  ['f4 ebfd', 'hlt for ever'],
  ['6690', 'to a multiple of 8'],
  ['0000000000000000', 'no segment'],
  ['00000000009a2000', '64-bit code'],
  ['0f00 887c0000', 'limit and address of the two'],
];
