import type { SourceLocation } from '../../../base/errors.ts';
import type { CloudContext } from './cloud-context.ts';
import type { CloudConfig } from './shape.ts';

/** The fields `runcmd`, once after everything else, and `bootcmd`, early at every boot. */
export function readCommands(config: CloudConfig, context: CloudContext): void {
  const { runcmd, bootcmd } = config;
  const { layer, places } = context;
  if (runcmd) {
    const text = scriptOf('runcmd', runcmd, context);
    if (text !== '') layer.addOnce('runcmd', 'last', places.of(config, 'runcmd'), text);
  }
  if (bootcmd) {
    const at = places.of(config, 'bootcmd');
    const text = scriptOf('bootcmd', bootcmd, context);
    if (text !== '') addBootScript(text, at, context);
  }
}

type Commands = NonNullable<CloudConfig['runcmd']>;

/**
 * One script of all commands, as cloud-init makes it: a list is a command with its arguments, a text is for the shell,
 * and a command that fails does not stop the next; but it is told.
 */
function scriptOf(field: string, commands: Commands, { problems, places }: CloudContext): string {
  return commands
    .map((command, index) => {
      if (command === null || command.length === 0) return '';
      const text = typeof command === 'string' ? command : command.map(quote).join(' ');
      if (/\bcloud-init(?:-per)?\b/.test(text)) {
        problems.error(
          places.of(commands, index),
          `${field} calls cloud-init, which is not there`,
          'say what it does in other words: a script of a profile has "unless" and "creates" for what is done once',
        );
        return '';
      }
      const told = `{ status=$?; [ "$status" -eq 0 ] || echo "${field}: command ${index + 1} ended with $status" >&2; }`;
      return `${text.replace(/\n+$/, '')}\n${told}\n`;
    })
    .join('');
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

const bootScript = '/usr/local/lib/kiln/bootcmd';

function addBootScript(text: string, at: SourceLocation, { layer }: CloudContext): void {
  layer.add('files', bootScript, at, {
    what: { kind: 'file', content: { kind: 'text', text: `#!/bin/sh\n${text}` } },
    mode: 0o755,
    owner: 'root',
    group: 'root',
  });
  layer.add('services', 'kiln-bootcmd.service', at, { enabled: true, unit: bootUnit });
}

/** As early as cloud-init runs them: when file systems can be written to, and before the network. */
const bootUnit = `[Unit]
Description=Commands of this image for every boot (bootcmd)
DefaultDependencies=no
After=local-fs.target systemd-remount-fs.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
RequiresMountsFor=/usr/local

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${bootScript}
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
`;
