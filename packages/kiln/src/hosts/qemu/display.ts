import type { QemuBoot } from '../../plan/qemu-source.ts';

/**
 * The window that shows the machine's screen. Packer opens one unless the machine is headless and fails where there
 * is no desktop; on such a host, or with a QEMU built without windows (`offered`), Kiln goes on without. `display: none` leaves the
 * choice to QEMU, as with Packer.
 */
export function displayFor(
  boot: Pick<QemuBoot, 'headless' | 'display'>,
  hasVnc: boolean,
  offered: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): { display?: string } {
  // QEMU shows nothing anywhere once there is a VNC server; without one it would open a window of its own accord.
  const nothing = hasVnc ? {} : { display: 'none' };
  if (boot.headless || boot.display === 'none') return nothing;
  const hasDesktop = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']) || process.platform === 'darwin';
  if (boot.display) {
    const needsDesktop = /^(gtk|sdl|cocoa)\b/.test(boot.display);
    return needsDesktop && !hasDesktop ? nothing : { display: boot.display };
  }
  const window = process.platform === 'darwin' ? 'cocoa' : 'gtk';
  return hasDesktop && offered.includes(window) ? { display: window } : nothing;
}
