import type { ProfileScript } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { command } from '../script-builder.ts';
import { openrcLibrary, systemdLibrary } from '../shell/services.ts';
import { scriptFileName, standalone } from './scripts.ts';

export const firstBootFolder = '/usr/local/lib/kiln';

const runner = `#!/bin/sh
# Runs, once each, what a profile of Kiln has for the first start of a machine.
set -u
done=/var/lib/kiln/first-boot
mkdir -p "$done"
code=0
for script in ${firstBootFolder}/first-boot.d/*; do
  [ -f "$script" ] || continue
  if /bin/sh "$script"; then
    : >"$done/\${script##*/}"
    rm -f "$script"
  else
    echo "\${script##*/} failed; it is tried again at the next start" >&2
    code=1
  fi
done
exit "$code"
`;

const unit = `[Unit]
Description=What a profile of Kiln has for the first start
ConditionDirectoryNotEmpty=${firstBootFolder}/first-boot.d
Wants=network-online.target
After=network-online.target local-fs.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${firstBootFolder}/first-boot

[Install]
WantedBy=multi-user.target
`;

/** Scripts for the first start: kept in the machine with a service that runs them. Where it runs already, they run now. */
export async function compileFirstBoot(
  scripts: readonly ProfileScript[],
  context: CompileContext,
): Promise<readonly number[]> {
  const { script, contents, init } = context;
  script.use(init === 'openrc' ? openrcLibrary : systemdLibrary);
  const numbers: number[] = [];
  for (const [position, one] of scripts.entries()) {
    const { id, digest, size } = await contents.add({ kind: 'text', text: standalone(one) });
    const words = command('at_first_boot', scriptFileName(one, position), id, digest, size);
    numbers.push(script.resource({ kind: 'script', name: one.name }, [words]));
  }
  const program = await contents.add({ kind: 'text', text: runner });
  const file = (path: string, { id, digest, size }: typeof program, mode: string) =>
    `part ${command('file', id, path, digest, size, mode, '0', '0', 'no')} &&`;
  const start =
    init === 'openrc'
      ? [file('/etc/local.d/kiln-first-boot.start', program, '755'), 'part service local yes no "" no || :']
      : [
          file(
            '/etc/systemd/system/kiln-first-boot.service',
            await contents.add({ kind: 'text', text: unit }),
            '644',
          ),
          'part service kiln-first-boot.service yes "" "" no || :',
        ];
  script.write('if [ "$booted" = no ]; then');
  numbers.push(
    script.resource({ kind: 'service', name: 'kiln-first-boot' }, [
      file(`${firstBootFolder}/first-boot`, program, '755'),
      ...start,
    ]),
  );
  script.write('fi');
  return numbers;
}
