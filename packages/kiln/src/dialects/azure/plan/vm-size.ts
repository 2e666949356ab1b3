/** What a machine of a size has. */
export interface VmSize {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

const gib = 2 ** 30;

/** The size that Azure takes when none is given, of its first generation of machines. */
export const defaultVmSize = 'Standard_D1_v2';

/** Sizes whose memory does not follow from their number of processors; GiB. */
const single: Readonly<Record<string, readonly [cpus: number, memory: number]>> = {
  a0: [1, 0.75],
  a1: [1, 1.75],
  a2: [2, 3.5],
  a3: [4, 7],
  a4: [8, 14],
  b1ls: [1, 0.5],
  b1s: [1, 1],
  b1ms: [1, 2],
  b2s: [2, 4],
  b2ms: [2, 8],
  b4ms: [4, 16],
  b8ms: [8, 32],
  b12ms: [12, 48],
  b16ms: [16, 64],
  b20ms: [20, 80],
  d1_v2: [1, 3.5],
  d2_v2: [2, 7],
  d3_v2: [4, 14],
  d4_v2: [8, 28],
  d5_v2: [16, 56],
  d11_v2: [2, 14],
  d12_v2: [4, 28],
  d13_v2: [8, 56],
  d14_v2: [16, 112],
  d15_v2: [20, 140],
};

/** GiB for each processor, by family; the longest name that fits counts. */
const perCpu: Readonly<Record<string, number>> = {
  a: 2,
  am: 8,
  b: 4,
  bl: 2,
  bt: 0.5,
  d: 4,
  dl: 2,
  dc: 4,
  e: 8,
  eb: 8,
  ec: 8,
  f: 2,
  fa: 4,
  fal: 2,
  fam: 8,
  fx: 21,
  g: 14,
  h: 7,
  hb: 4,
  hc: 8,
  l: 8,
  m: 28,
  nc: 9,
  nd: 18,
  nv: 9,
};

/**
 * Processors and memory of a size of Azure's machines, such as `Standard_D2s_v5`
 * (https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions). Undefined for one that is not known.
 */
export function vmSize(name: string): VmSize | undefined {
  const [, tier, rest = ''] = /^(Standard|Basic)_(.+)$/i.exec(name.trim()) ?? [];
  if (tier === undefined || rest.length > 60) return undefined;
  const word = rest.toLowerCase();
  // D and DS of the second version differ in their disks alone.
  const plain = word.replace(/^ds(\d)/, 'd$1');
  const exact = single[plain];
  if (exact) return sizeOf(...exact);
  const [, family = '', count = '', limited, features = '', version = '1'] =
    /^([a-z]+?)(\d+)(?:-(\d+))?([a-z]*)(?:_[a-z]\w*?)?(?:_v(\d+))?$/.exec(plain) ?? [];
  if (family === '') return undefined;
  const cpus = Number(count);
  if (cpus === 0 || cpus > 1_024 || Number(version) === 0) return undefined;
  // `l` and `t` behind the number stand for little memory, `m` for much of it.
  const variant = /^[adp]*([ltm])/.exec(features)?.[1];
  const most = [
    variant === undefined ? undefined : perCpu[`${family}${variant}`],
    perCpu[family],
    perCpu[family.slice(0, 2)],
    perCpu[family.slice(0, 1)],
  ];
  const each = most.find((one) => one !== undefined);
  return each === undefined ? undefined : sizeOf(limited === undefined ? cpus : Number(limited), cpus * each);
}

function sizeOf(cpus: number, memoryInGib: number): VmSize {
  return { cpus, memory: memoryInGib * gib };
}
