import type { BoxImage, Checksum, ImageRef } from '../../../plan/image-ref.ts';
import { boxFormatsOf, isBoxOptional, standsFor } from '../choose-provider.ts';
import { onHost, type Planning } from './planning.ts';

/**
 * What the machine's disk starts as: a box, or with `kiln:` before its name an image of Kiln's own (`kiln:web:latest`) or
 * a distribution (`kiln:debian/12`). A machine for libvirt may have none and start from other media.
 */
export function planImage(planning: Planning): ImageRef | undefined {
  const { vm, provider, mentionedProviders } = planning.machine;
  // Where there has to be a box, reading the file said so.
  if (vm.box === null || vm.box === '')
    return isBoxOptional(provider, mentionedProviders) ? { kind: 'empty' } : undefined;
  if (/^kiln:./.test(vm.box)) return ownImage(vm.box.slice('kiln:'.length), planning);
  const checksum = checksumOf(planning);
  const box: BoxImage = {
    kind: 'box',
    name: isPath(vm.box) ? onHost(planning, vm.box) : vm.box,
    ...(vm.box_version !== null && { version: vm.box_version }),
    providers: boxFormats(provider),
    ...(vm.box_architecture !== null && { architecture: vm.box_architecture }),
    urls: (vm.box_url ?? []).map((url) => boxUrl(url, planning)),
    ...(vm.box_server_url !== null && { server: vm.box_server_url }),
    ...(checksum !== undefined && { checksum }),
    checkForUpdates: vm.box_check_update && !planning.host.environment['VAGRANT_BOX_UPDATE_CHECK_DISABLE'],
    download: {
      ...(vm.box_download_insecure && { insecure: true }),
      ...(vm.box_download_ca_cert !== null && { caFile: onHost(planning, vm.box_download_ca_cert) }),
      ...(vm.box_download_ca_path !== null && { caFolder: onHost(planning, vm.box_download_ca_path) }),
      ...(vm.box_download_client_cert !== null && {
        clientCertificate: onHost(planning, vm.box_download_client_cert),
      }),
      ...(vm.box_download_location_trusted && { trustLocation: true }),
    },
  };
  return box;
}

function ownImage(name: string, planning: Planning): ImageRef {
  const [, distribution, release] = /^(debian|ubuntu)\/([\w.]+)$/.exec(name) ?? [];
  if (distribution !== undefined && release !== undefined) {
    return { kind: 'distribution', distribution: distribution as 'debian' | 'ubuntu', release };
  }
  if (isPath(name)) return { kind: 'file', path: onHost(planning, name) };
  return { kind: 'store', reference: name };
}

/** Boxes of the provider that was asked for first, then others that can be made into what QEMU takes. */
function boxFormats(provider: string): readonly string[] {
  if (provider !== 'qemu' && !standsFor.has(provider)) return boxFormatsOf(provider);
  return [...new Set([...boxFormatsOf(provider), ...boxFormatsOf('qemu')])];
}

function isPath(box: string): boolean {
  return /^(?:\.{0,2}\/|~\/)/.test(box);
}

/** Paths start at the project's folder. */
function boxUrl(url: string, planning: Planning): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(url) ? url : onHost(planning, url);
}

function checksumOf(planning: Planning): Checksum | undefined {
  const { box_download_checksum: hex, box_download_checksum_type: algorithm } = planning.machine.vm;
  if (algorithm === null || hex === null || hex === '') return undefined;
  const name = algorithm.toLowerCase().replaceAll('-', '');
  if (isAlgorithm(name)) return { kind: 'digest', algorithm: name, hex: hex.toLowerCase() };
  planning.refuse(
    `box_download_checksum_type ${algorithm} is not one that Kiln checks`,
    undefined,
    `use ${algorithms.join(', ')}`,
  );
  return undefined;
}

const algorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

function isAlgorithm(text: string): text is (typeof algorithms)[number] {
  return (algorithms as readonly string[]).includes(text);
}
