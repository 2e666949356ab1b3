import { closeSync, constants as fsConstants, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import type { QemuHardware } from '../../plan/qemu-source.ts';
import { qemuCapabilities } from './capabilities.ts';
import { rememberedFact } from './host-facts.ts';
import { probeGuest, probeGuestExitCode } from './probe-guest.ts';
import { needProgram } from './programs.ts';

export interface AcceleratorVerdict {
  readonly works: boolean;
  /** A sentence for people: why it does not work, or how that was found out. */
  readonly reason: string;
}

export interface AcceleratorChoice {
  readonly accelerator: QemuHardware['accelerator'] &
    ('none' | 'kvm' | 'tcg' | 'hax' | 'hvf' | 'whpx' | 'xen');
  /** Set when the template's own wish could not be had: what people should be told. */
  readonly warning?: string;
}

/**
 * The accelerator to use. `auto` takes the fastest that works. `kvm` by name falls back to emulation with a warning
 * where it does not work: templates name it everywhere, and with Packer too it means "if this host has it". Any
 * other is used as asked for, and refused when this QEMU was built without it.
 * @throws KilnError `unsupported`, `tool-missing`
 */
export async function chooseAccelerator(
  wanted: QemuHardware['accelerator'],
  options: { readonly binary: string; readonly home: string; readonly signal?: AbortSignal },
): Promise<AcceleratorChoice> {
  if (wanted === 'none' || wanted === 'tcg') return { accelerator: wanted };
  const { accelerators } = await qemuCapabilities(options.binary, options.home, options.signal);
  if (wanted === 'auto' || wanted === 'kvm') {
    if (wanted === 'auto' && process.platform === 'darwin') {
      return { accelerator: accelerators.includes('hvf') ? 'hvf' : 'tcg' };
    }
    const kvm = await kvmVerdict(options);
    if (kvm.works) return { accelerator: 'kvm' };
    if (wanted === 'auto') return { accelerator: 'tcg' };
    return {
      accelerator: 'tcg',
      warning: `the accelerator "kvm" does not work here (${kvm.reason}); emulating with "tcg", which is slower`,
    };
  }
  if (!accelerators.includes(wanted)) {
    throw new KilnError('unsupported', `accelerator "${wanted}": ${options.binary} was built without it`, {
      hint: `choose one of ${accelerators.join(', ')}, or leave "accelerator" out`,
    });
  }
  return { accelerator: wanted };
}

/**
 * Whether KVM runs guests on this host. A `/dev/kvm` that can be opened proves nothing: on some hosts it makes
 * machines that then crawl or hang. The verdict is kept until the host or QEMU changes.
 */
export async function kvmVerdict(options: {
  readonly binary: string;
  readonly home: string;
  readonly signal?: AbortSignal;
}): Promise<AcceleratorVerdict> {
  const unfit = obviouslyUnfit(options.binary);
  if (unfit) return { works: false, reason: unfit };
  const { version } = await qemuCapabilities(options.binary, options.home, options.signal);
  const key = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${options.binary} ${version}`;
  return rememberedFact(options.home, 'kvm', key, isVerdict, () => probeKvm(options.binary, options.signal));
}

/** What rules KVM out without starting anything; undefined when it has to be tried. */
function obviouslyUnfit(binary: string): string | undefined {
  if (process.platform !== 'linux') return 'KVM is part of Linux';
  const emulated = /qemu-system-(.+)$/.exec(basename(binary))?.[1];
  const own = { x64: ['x86_64', 'i386'], arm64: ['aarch64'] }[process.arch as string] ?? [];
  if (emulated !== undefined && !own.includes(emulated)) {
    return `KVM runs only guests of the host's own architecture, not ${emulated}`;
  }
  try {
    closeSync(openSync('/dev/kvm', fsConstants.O_RDWR));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'there is no /dev/kvm';
    if (isSystemError(error, 'EACCES', 'EPERM')) {
      return '/dev/kvm may not be opened by this user; add the user to the group "kvm"';
    }
    return `/dev/kvm cannot be opened: ${messageOf(error)}`;
  }
  if (process.arch === 'x64' && !/\b(vmx|svm)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) {
    return 'there is a /dev/kvm, but the processor offers no virtualisation (no vmx or svm in /proc/cpuinfo)';
  }
  return undefined;
}

/**
 * Runs a tiny guest under emulation and then under KVM. Emulation is the yardstick, so that a slow or busy host is
 * not taken for a broken one: KVM that needs several times as long is of no use.
 */
export async function probeKvm(binary: string, signal?: AbortSignal): Promise<AcceleratorVerdict> {
  if (process.arch !== 'x64') return { works: true, reason: '/dev/kvm can be opened' };
  const folder = await mkdtemp(join(tmpdir(), 'kiln-kvm-'));
  try {
    const disk = join(folder, 'guest.raw');
    await writeFile(disk, probeGuest());
    const emulated = await runProbe(binary, 'tcg', disk, 60_000, signal);
    if (emulated.kind !== 'ran')
      return { works: false, reason: 'the guest that tries KVM out does not run at all' };
    const limit = 1000 + 4 * Math.ceil(emulated.milliseconds);
    const real = await runProbe(binary, 'kvm', disk, limit, signal);
    switch (real.kind) {
      case 'ran':
        return { works: true, reason: 'a small guest ran under KVM' };
      case 'too-slow':
        return {
          works: false,
          reason: `a small guest that takes ${Math.round(emulated.milliseconds)} ms emulated was not done after ${limit} ms under KVM`,
        };
      case 'failed':
        return { works: false, reason: `QEMU cannot use KVM: ${real.words}` };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type ProbeResult =
  | { readonly kind: 'ran'; readonly milliseconds: number }
  | { readonly kind: 'too-slow' }
  | { readonly kind: 'failed'; readonly words: string };

async function runProbe(
  binary: string,
  accelerator: string,
  disk: string,
  limit: number,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout(limit);
  const started = performance.now();
  try {
    const { code, stderr } = await run(
      needProgram(binary, 'runs virtual machines'),
      [
        ...[
          '-nodefaults',
          '-display',
          'none',
          '-no-reboot',
          '-machine',
          'pc',
          '-accel',
          accelerator,
          '-m',
          '16',
        ],
        ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
        ...['-drive', `file=${disk},format=raw,if=ide,readonly=off,snapshot=on`],
      ],
      { signal: signal ? AbortSignal.any([signal, timeout]) : timeout },
    );
    if (code === probeGuestExitCode) return { kind: 'ran', milliseconds: performance.now() - started };
    return { kind: 'failed', words: stderr.trim().split('\n').at(-1) || `it ended with ${code}` };
  } catch (error) {
    if (timeout.aborted && !signal?.aborted) return { kind: 'too-slow' };
    throw error;
  }
}

function isVerdict(value: unknown): value is AcceleratorVerdict {
  return typeof value === 'object' && value !== null && 'works' in value && typeof value.works === 'boolean';
}
