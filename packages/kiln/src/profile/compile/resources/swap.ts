import { KilnError } from '../../../base/errors.ts';
import { shellQuote } from '../../../guests/shell-quote.ts';
import type { Config } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { command } from '../script-builder.ts';
import { openrcLibrary, systemdLibrary } from '../shell/services.ts';
import { quoteForUnit } from '../unit-quote.ts';

/**
 * A file for swapping: a line of fstab(5), and a service that makes the file when it is not there, so that images do
 * not carry it. Where the machine runs, it is made and used at once.
 */
export async function compileSwap({ swap }: Config, context: CompileContext): Promise<void> {
  if (!swap) return;
  const { script, contents, init } = context;
  const { path, size } = swap;
  if (/[\s#\\,:]/.test(path)) {
    throw new KilnError('unsupported', `"${path}" cannot be the path of a swap file`, {
      hint: 'a path without spaces and signs, such as /swapfile',
    });
  }
  script.use(init === 'openrc' ? openrcLibrary : systemdLibrary);
  const unit = 'kiln-swap.service';
  const files =
    init === 'openrc'
      ? [
          {
            file: '/etc/local.d/kiln-swap.start',
            text: `#!/bin/sh\n[ -e ${shellQuote(path)} ] || { ${making(path, size)}; }\nswapon -a\n`,
            mode: '755',
          },
        ]
      : [{ file: `/etc/systemd/system/${unit}`, text: unitText(path, size), mode: '644' }];
  const resource = { kind: 'setting', name: 'swap' } as const;
  const key = `${path} none`;
  if (size === 0) {
    script.resource(resource, [
      `open_lines /etc/fstab && ${command('unwanted_line', 'mount', key, 'line in /etc/fstab')} && close_lines &&`,
      `part ${command('no_swap', path)} &&`,
      ...(init === 'openrc'
        ? []
        : [
            `{ [ ! -e ${command(files[0]!.file)} ] || part ${command('service', unit, 'no', '', '', 'no')}; } &&`,
          ]),
      `part ${command('absent', files[0]!.file, 'no')}`,
    ]);
    return;
  }
  const parts: string[] = [];
  for (const { file, text, mode } of files) {
    const { id, digest, size: length } = await contents.add({ kind: 'text', text });
    parts.push(`part ${command('file', id, file, digest, length, mode, '0', '0', 'no')} &&`);
  }
  const line = `${path} none swap sw,nofail 0 0`;
  script.resource(resource, [
    ...parts,
    `open_lines /etc/fstab && ${command('want_line', 'mount', key, 'swap sw,nofail', line, 'line in /etc/fstab')} && close_lines &&`,
    init === 'openrc'
      ? `part ${command('service', 'local', 'yes', '', '', 'no')} &&`
      : `part ${command('service', unit, 'yes', '', '', 'no')} &&`,
    `part ${command('swap_is', path, size)}`,
  ]);
}

/** One line of shell that makes the file; half of one is never in its place. */
function making(path: string, size: number): string {
  const file = shellQuote(path);
  const fresh = shellQuote(`${path}.new`);
  const fill = `{ fallocate -l ${size} ${fresh} 2>/dev/null || head -c ${size} /dev/zero >${fresh}; }`;
  return `umask 077; rm -f ${fresh}; ${fill} && mkswap ${fresh} && mv ${fresh} ${file}`;
}

/** Made before systemd looks for it: its unit for the line of fstab comes after this one. */
function unitText(path: string, size: number): string {
  return `[Unit]
Description=Make the swap file ${path}
DefaultDependencies=no
ConditionPathExists=!${path}
RequiresMountsFor=${path}
After=systemd-remount-fs.service
Before=swap.target ${unitNameOf(path)}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c ${quoteForUnit(making(path, size))}

[Install]
WantedBy=swap.target
`;
}

/** systemd-escape(1) of a path. */
function unitNameOf(path: string): string {
  const inner = path.replace(/^\/+|\/+$/g, '');
  const escaped = [...Buffer.from(inner)]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      if (character === '/') return '-';
      if (/[A-Za-z0-9_:]/.test(character) || (character === '.' && index > 0)) return character;
      return `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  return `${escaped}.swap`;
}
