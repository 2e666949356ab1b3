import type { VagrantCommands } from './vagrant-command.ts';

/** Vagrant's commands by name. Each is loaded when it is asked for. */
export const vagrantCommands: VagrantCommands = {
  autocomplete: {
    summary: 'let shells complete the names of commands',
    load: async () => (await import('./commands/autocomplete.ts')).autocompleteGroup,
  },
  box: {
    summary: 'get, show and remove boxes',
    load: async () => (await import('./commands/boxes.ts')).boxGroup,
  },
  cap: {
    summary: 'see whether a provider can do something',
    isRare: true,
    load: async () => (await import('./commands/cap.ts')).capCommand,
  },
  cloud: {
    summary: 'refused: there is no such registry any more',
    load: async () => (await import('./commands/refused.ts')).cloudGroupCommand,
  },
  destroy: {
    summary: 'remove machines with all that is in them',
    load: async () => (await import('./commands/destroy.ts')).destroyCommand,
  },
  'docker-exec': {
    summary: 'refused: `docker exec` does it',
    isRare: true,
    load: async () => (await import('./commands/refused.ts')).dockerExecCommand,
  },
  'docker-logs': {
    summary: 'refused: `docker logs` does it',
    isRare: true,
    load: async () => (await import('./commands/refused.ts')).dockerLogsCommand,
  },
  'docker-run': {
    summary: 'refused: `docker run` does it',
    isRare: true,
    load: async () => (await import('./commands/refused.ts')).dockerRunCommand,
  },
  'global-status': {
    summary: 'show the machines of all projects',
    load: async () => (await import('./commands/global-status.ts')).globalStatusCommand,
  },
  halt: {
    summary: 'shut machines down',
    load: async () => (await import('./commands/halt.ts')).haltCommand,
  },
  help: {
    summary: 'explain a command',
    load: async () => (await import('./commands/help.ts')).helpCommand,
  },
  init: {
    summary: 'write a first Vagrantfile',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  'list-commands': {
    summary: 'show all commands, rare ones too',
    isRare: true,
    load: async () => (await import('./commands/list-commands.ts')).listCommandsCommand,
  },
  login: {
    summary: 'refused: an old name of `cloud auth login`',
    load: async () => (await import('./commands/refused.ts')).loginCommand,
  },
  package: {
    summary: 'make a box of a machine',
    load: async () => (await import('./commands/package.ts')).packageCommand,
  },
  plugin: {
    summary: 'see whose work is built in',
    load: async () => (await import('./commands/plugins.ts')).pluginGroup,
  },
  port: {
    summary: 'show which ports of the host lead to a machine',
    load: async () => (await import('./commands/port.ts')).portCommand,
  },
  powershell: {
    summary: 'refused: machines are talked to over SSH',
    load: async () => (await import('./commands/refused.ts')).powershellCommand,
  },
  provider: {
    summary: 'say what a machine is made with',
    isRare: true,
    load: async () => (await import('./commands/provider.ts')).providerCommand,
  },
  provision: {
    summary: 'run the provisioners of machines',
    load: async () => (await import('./commands/provision.ts')).provisionCommand,
  },
  push: {
    summary: 'do what the Vagrantfile defines as pushing',
    load: async () => (await import('./commands/push.ts')).pushCommand,
  },
  rdp: {
    summary: 'refused: machines are talked to over SSH',
    load: async () => (await import('./commands/refused.ts')).rdpCommand,
  },
  reload: {
    summary: 'halt machines and bring them up as the Vagrantfile is now',
    load: async () => (await import('./commands/reload.ts')).reloadCommand,
  },
  resume: {
    summary: 'let suspended machines go on',
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  rsync: {
    summary: 'copy synced folders of type rsync into machines',
    isRare: true,
    load: async () => (await import('./commands/rsync.ts')).rsyncCommand,
  },
  'rsync-auto': {
    summary: 'copy what changes in them, until Ctrl-C',
    isRare: true,
    load: async () => (await import('./commands/rsync-auto.ts')).rsyncAutoCommand,
  },
  serve: {
    summary: 'refused',
    isRare: true,
    load: async () => (await import('./commands/refused.ts')).serveCommand,
  },
  snapshot: {
    summary: 'keep states of machines, and go back to them',
    load: async () => (await import('./commands/snapshots.ts')).snapshotGroup,
  },
  ssh: {
    summary: 'log in to a machine, or run a command there',
    load: async () => (await import('./commands/ssh.ts')).sshCommand,
  },
  'ssh-config': {
    summary: 'print what OpenSSH needs to reach a machine',
    load: async () => (await import('./commands/ssh-config.ts')).sshConfigCommand,
  },
  status: {
    summary: 'show the machines of the project',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  suspend: {
    summary: 'keep the memory of machines and turn them off',
    load: async () => (await import('./commands/suspend.ts')).suspendCommand,
  },
  up: {
    summary: 'make, start or wake machines, and provision them',
    load: async () => (await import('./commands/up.ts')).upCommand,
  },
  upload: {
    summary: 'copy a file or folder into a machine',
    load: async () => (await import('./commands/upload.ts')).uploadCommand,
  },
  validate: {
    summary: 'see whether the Vagrantfile is right',
    load: async () => (await import('./commands/validate.ts')).validateCommand,
  },
  version: {
    summary: 'show the version',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
  winrm: {
    summary: 'refused: machines are talked to over SSH',
    load: async () => (await import('./commands/refused.ts')).winrmCommand,
  },
  'winrm-config': {
    summary: 'refused: machines are talked to over SSH',
    load: async () => (await import('./commands/refused.ts')).winrmConfigCommand,
  },
};
