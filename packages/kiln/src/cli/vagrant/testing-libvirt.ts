import { spawn } from 'node:child_process';
import { sleep } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';

/** Where vagrant-libvirt has its machines. */
export const libvirtUri = 'qemu:///system';

/** Libvirt for the real Vagrant: there, or why it cannot be. */
export type Libvirt =
  | { readonly kind: 'there'; readonly close: () => void }
  | { readonly kind: 'missing'; readonly why: string };

/** Starts libvirt's daemons where none run; `close` ends those that were started. */
export async function startLibvirt(): Promise<Libvirt> {
  for (const [program, ...args] of [
    ['vagrant', '--version'],
    ['virsh', '--version'],
    ['libvirtd', '--version'],
  ] as const) {
    if (!(await answers(program, args))) return { kind: 'missing', why: `${program} is not installed` };
  }
  if (process.getuid?.() !== 0) return { kind: 'missing', why: 'only root can use qemu:///system' };
  const { stdout } = await run('vagrant', ['plugin', 'list'], {
    env: { ...process.env, VAGRANT_CHECKPOINT_DISABLE: '1' },
  });
  if (!/vagrant-libvirt/.test(stdout)) return { kind: 'missing', why: 'vagrant-libvirt is not installed' };
  const isUp = () => answers('virsh', ['-c', libvirtUri, 'version']);
  if (await isUp()) return { kind: 'there', close: () => {} };
  const daemons = ['virtlogd', 'libvirtd'].map((name) => spawn(name, [], { stdio: 'ignore' }));
  const close = () => {
    for (const daemon of daemons) daemon.kill();
  };
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await isUp()) return { kind: 'there', close };
    await sleep(200);
  }
  close();
  return { kind: 'missing', why: 'libvirtd does not run here' };
}

async function answers(program: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await run(program, args)).code === 0;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return false;
    throw error;
  }
}
