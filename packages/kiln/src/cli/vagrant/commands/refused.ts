import { defineRubyFlags } from '../ruby-flags.ts';
import { selectOne } from '../targets.ts';
import { defineVagrantCommand, type VagrantCommand, type VagrantCommandGroup } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

/** Commands that Kiln knows and does not do. Each says why, and what to do instead. */
function refusing(
  operands: string,
  error: () => VagrantError,
  flags: Parameters<typeof defineRubyFlags>[0] = {},
): VagrantCommand {
  return defineVagrantCommand({
    operands,
    takesExtra: true,
    flags: defineRubyFlags(flags),
    run: async () => {
      throw error();
    },
  });
}

const commandFlags = {
  command: { type: 'text', short: 'c', value: 'COMMAND', description: 'A command to run.' },
  elevated: { type: 'switch', short: 'e', description: 'With all rights.' },
} as const;

/** `winrm`, `powershell`, `rdp`: they only make sense for machines that are talked to over WinRM, and there are none. */
function windows(name: string, operands: string, className: string): VagrantCommand {
  return defineVagrantCommand({
    operands,
    takesExtra: true,
    flags: {
      ...commandFlags,
      shell: { type: 'text', short: 's', value: 'SHELL', description: 'powershell or cmd.' },
      host: { type: 'text', value: 'NAME', description: 'What to call the machine.' },
    },
    run: async ({ args }, session) => {
      const { name: machine } = await selectOne(session, args);
      throw new VagrantError(
        className,
        `\`vagrant ${name}\` needs a machine that is talked to over WinRM, and Kiln talks to ${machine} over SSH`,
        'use `vagrant ssh`; Windows has an OpenSSH server, too',
      );
    },
  });
}

export const winrmCommand = windows(
  'winrm',
  '[options] [name|id]',
  'VagrantPlugins::CommandWinRM::Errors::WinRMError',
);
export const winrmConfigCommand = windows(
  'winrm-config',
  '[options] [name|id]',
  'VagrantPlugins::CommandWinRMConfig::Errors::WinRMError',
);
export const powershellCommand = windows(
  'powershell',
  '[-- extra powershell args]',
  'VagrantPlugins::CommandPS::Errors::PSError',
);
export const rdpCommand = windows(
  'rdp',
  '[options] [name|id] [-- extra args]',
  'VagrantPlugins::CommandRDP::Errors::RDPError',
);

const noRegistry = () =>
  new VagrantError(
    'Kiln::Errors::NoCloud',
    'Kiln does not talk to Vagrant Cloud, which takes no new boxes any more',
    'boxes can be kept as plain files on any web server: `kiln box mirror` copies them there, and `kiln package` makes them',
  );

function cloudLeaf(operands: string): VagrantCommand {
  return defineVagrantCommand({
    operands,
    flags: {},
    run: async () => {
      throw noRegistry();
    },
  });
}

function cloudGroup(commands: Readonly<Record<string, string>>): VagrantCommandGroup {
  return {
    exitCode: 1,
    commands: Object.fromEntries(
      Object.entries(commands).map(([name, operands]) => [
        name,
        { summary: 'refused', load: async () => anyWords(cloudLeaf(operands)) },
      ]),
    ),
  };
}

/** Whatever flags were given: nothing is done with them. */
function anyWords(command: VagrantCommand): VagrantCommand {
  return { ...command, ignoresFlags: true };
}

export const loginCommand = anyWords(cloudLeaf('[options]'));

export const cloudGroupCommand: VagrantCommandGroup = {
  exitCode: 1,
  commands: {
    auth: {
      summary: 'refused',
      load: async () => cloudGroup({ login: '[options]', logout: '[options]', whoami: '[token]' }),
    },
    box: {
      summary: 'refused',
      load: async () => cloudGroup({ create: '<box>', delete: '<box>', show: '<box>', update: '<box>' }),
    },
    provider: {
      summary: 'refused',
      load: async () => cloudGroup({ create: '…', delete: '…', update: '…', upload: '…' }),
    },
    publish: {
      summary: 'refused',
      load: async () => anyWords(cloudLeaf('<box> <version> <provider> [file]')),
    },
    search: { summary: 'refused', load: async () => anyWords(cloudLeaf('<query>')) },
    version: {
      summary: 'refused',
      load: async () => cloudGroup({ create: '…', delete: '…', release: '…', revoke: '…', update: '…' }),
    },
  },
};

const noContainers = () =>
  new VagrantError(
    'Kiln::Errors::NoContainer',
    'Kiln leaves this to docker itself',
    '`docker exec`, `docker logs` and `docker run` do the same',
  );

export const dockerExecCommand = anyWords(refusing('[options] [name] -- <command> [args]', noContainers));
export const dockerLogsCommand = anyWords(refusing('[options]', noContainers));
export const dockerRunCommand = anyWords(refusing('[options] [name] -- command...', noContainers));

export const serveCommand = anyWords(
  refusing(
    '[options]',
    () => new VagrantError('Kiln::Errors::NoServer', 'Vagrant itself has no `serve` any more'),
  ),
);
