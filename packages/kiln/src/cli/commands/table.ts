import type { AnyCommand } from '../command.ts';

/**
 * Every command of Kiln by name, in the order of overviews. Each is one file, loaded when it is asked for: a
 * definition without code (`commands/`), whose work stands in `actions/`.
 */
export const commandTable: Readonly<Record<string, () => Promise<AnyCommand>>> = {
  build: async () => (await import('./build.ts')).buildCommand,
  validate: async () => (await import('./validate.ts')).validateCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  up: async () => (await import('./up.ts')).upCommand,
  provision: async () => (await import('./provision.ts')).provisionCommand,
  rsync: async () => (await import('./rsync.ts')).rsyncCommand,
  'rsync-auto': async () => (await import('./rsync-auto.ts')).rsyncAutoCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  ssh: async () => (await import('./ssh.ts')).sshCommand,
  'ssh-config': async () => (await import('./ssh-config.ts')).sshConfigCommand,
  open: async () => (await import('./open.ts')).openCommand,
  code: async () => (await import('./code.ts')).codeCommand,
  exec: async () => (await import('./exec.ts')).execCommand,
  upload: async () => (await import('./upload.ts')).uploadCommand,
  port: async () => (await import('./port.ts')).portCommand,
  halt: async () => (await import('./halt.ts')).haltCommand,
  reload: async () => (await import('./reload.ts')).reloadCommand,
  suspend: async () => (await import('./suspend.ts')).suspendCommand,
  resume: async () => (await import('./resume.ts')).resumeCommand,
  snapshot: async () => (await import('./snapshot.ts')).snapshotCommand,
  destroy: async () => (await import('./destroy.ts')).destroyCommand,
  trust: async () => (await import('./trust.ts')).trustCommand,
  list: async () => (await import('./list.ts')).listCommand,
  package: async () => (await import('./package.ts')).packageCommand,
  box: async () => (await import('./box.ts')).boxCommand,
  image: async () => (await import('./image.ts')).imageCommand,
  profile: async () => (await import('./profile.ts')).profileCommand,
  key: async () => (await import('./key.ts')).keyCommand,
  cache: async () => (await import('./cache.ts')).cacheCommand,
  fmt: async () => (await import('./fmt.ts')).fmtCommand,
  inspect: async () => (await import('./inspect.ts')).inspectCommand,
  console: async () => (await import('./console.ts')).consoleCommand,
  convert: async () => (await import('./convert.ts')).convertCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  template: async () => (await import('./template.ts')).templateCommand,
  token: async () => (await import('./token.ts')).tokenCommand,
  packer: async () => (await import('./packer.ts')).packerCommand,
  vagrant: async () => (await import('./vagrant.ts')).vagrantCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  completion: async () => (await import('./completion.ts')).completionCommand,
  help: async () => (await import('./help.ts')).helpCommand,
  version: async () => (await import('./version.ts')).versionCommand,
};

export async function loadAllCommands(): Promise<readonly AnyCommand[]> {
  return Promise.all(Object.values(commandTable).map((load) => load()));
}
