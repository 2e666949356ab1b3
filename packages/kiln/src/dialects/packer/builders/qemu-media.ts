import type { QemuMedia } from '../../../plan/qemu-source.ts';
import type { LateData } from '../../../text/compile-text.ts';
import { port } from '../communicator.ts';
import type { Options } from '../options.ts';

/** Files for the machine may name its key and the address of Kiln's own server. */
const lateContent: LateData = {
  fields: new Set(['HTTPIP', 'HTTPPort', 'Name', 'SSHPublicKey']),
  build: false,
  strict: false,
};

export function readQemuMedia(options: Options): QemuMedia {
  const http = readHttp(options);
  const cd = readCd(options);
  const floppy = readFloppy(options);
  return { ...(http && { http }), ...(cd && { cd }), ...(floppy && { floppy }) };
}

function readHttp(options: Options): QemuMedia['http'] {
  const directory = options.string('http_directory');
  const content = options.textMap('http_content', lateContent);
  const bindAddress = options.string('http_bind_address');
  const interfaceName = options.string('http_interface');
  const portMin = port(options, 'http_port_min') ?? 8000;
  const portMax = port(options, 'http_port_max') ?? 9000;
  const networkProtocol = options.oneOf('http_network_protocol', [
    'tcp',
    'tcp4',
    'tcp6',
    'unix',
    'unixpacket',
  ]);
  if (networkProtocol?.startsWith('unix')) {
    options.error(
      'http_network_protocol',
      'Kiln does not serve files on a Unix socket',
      'use tcp, tcp4 or tcp6',
    );
  }
  const hasContent = Object.keys(content).length > 0;
  if (directory !== undefined && hasContent) {
    options.error('http_content', 'only one of "http_directory" and "http_content" is possible');
  }
  if (bindAddress !== undefined && interfaceName !== undefined) {
    options.error('http_interface', 'only one of "http_bind_address" and "http_interface" is possible');
  }
  if (portMin > portMax) options.error('http_port_min', '"http_port_min" must not be above "http_port_max"');
  for (const path of Object.keys(content)) {
    if (!path.startsWith('/')) options.error('http_content', `the path "${path}" must begin with a slash`);
  }
  if (directory === undefined && !hasContent) return undefined;
  if (directory !== undefined)
    options.context.mustExist(directory, 'folder', options.placeOf('http_directory'));
  return {
    ...(directory !== undefined && { directory: options.context.path(directory) }),
    ...(hasContent && { content }),
    portMin,
    portMax,
    bindAddress: bindAddress ?? '0.0.0.0',
    ...(interfaceName !== undefined && { interface: interfaceName }),
    ...(networkProtocol !== undefined && { networkProtocol }),
  };
}

function readCd(options: Options): QemuMedia['cd'] {
  const files = readPaths(options, 'cd_files', 'file for the CD');
  const content = options.textMap('cd_content', lateContent);
  const label = options.string('cd_label') ?? 'packer';
  return files.length > 0 || Object.keys(content).length > 0 ? { files, content, label } : undefined;
}

function readFloppy(options: Options): QemuMedia['floppy'] {
  const files = readPaths(options, 'floppy_files', 'file for the floppy disk');
  const directories = readPaths(options, 'floppy_dirs', 'folder for the floppy disk');
  const content = options.textMap('floppy_content', lateContent);
  const label = options.string('floppy_label') ?? 'packer';
  const isEmpty = files.length === 0 && directories.length === 0 && Object.keys(content).length === 0;
  return isEmpty ? undefined : { files, directories, content, label };
}

/** Paths may hold wildcards; only a path without them must exist. */
function readPaths(options: Options, name: string, what: string): readonly string[] {
  return options.items(name).flatMap((node) => {
    const path = options.itemText(name, node);
    if (!path) return [];
    if (!/[*?[]/.test(path)) options.context.mustExist(path, what, node.at);
    return [options.context.path(path)];
  });
}
