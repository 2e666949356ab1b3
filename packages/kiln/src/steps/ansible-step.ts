import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { run } from '../base/processes.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { AnsibleStep } from '../plan/ansible-step.ts';
import { connectionVariables, type InventoryHost, renderInventory } from './ansible/inventory.ts';
import { extraVariables, galaxyCommands, playbookArguments } from './ansible/playbook-arguments.ts';
import { connectionOf, type MachineConnection } from './machine-connection.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Runs a playbook on this host against the machine. Secrets go through files that only this user can read. */
export const runAnsibleStep: StepRunner<AnsibleStep> = async (step, context) => {
  const connection = await connectionOf(context);
  // Sockets of shared connections need a short path, and end with the step.
  const sockets = await mkdtemp(join(tmpdir(), 'kiln-ssh-'));
  try {
    await runPlaybook(step, context, connection, sockets);
  } finally {
    await endSharedConnections(sockets);
    await rm(sockets, { recursive: true, force: true });
  }
};

async function runPlaybook(
  step: AnsibleStep,
  context: StepContext,
  connection: MachineConnection,
  sockets: string,
): Promise<void> {
  const environment = {
    ...process.env,
    ...(await ansibleEnvironment(step, context, connection, sockets)),
    ...Object.fromEntries(step.environment.map(([name, value]) => [name, context.render(value)])),
  };
  await getRequirements(step, context, environment);
  const asked = await askForPasswords(step, context);
  const own = extraVariables(step, context, asked.variables);
  const ownFile = join(context.scratch, 'ansible-vars.json');
  if (own !== undefined) await writeFile(ownFile, own, { mode: 0o600 });
  const written = step.inventory === undefined ? await writeInventory(step, context, connection) : undefined;
  const words = [
    '--connection=ssh',
    '--timeout=30',
    ...(step.inventory === undefined ? [] : loginWords(step, connection)),
    ...(step.inventory === undefined && !step.forceUser ? [`--user=${step.user ?? connection.user}`] : []),
    ...playbookArguments(
      step,
      {
        // A folder that is the user's own may have files of variables beside it.
        inventory: step.inventory ?? (step.keepInventory ? dirname(written!) : written!),
        extraVars: [
          ...(own === undefined ? [] : [ownFile]),
          ...(step.extraVars?.kind === 'file' ? [step.extraVars.path] : []),
        ],
        vaultPasswordFile: step.vaultPasswordFile ?? asked.vaultPasswordFile,
      },
      context,
    ),
    step.playbook,
  ];
  context.say(`Running ${step.command} ${basename(step.playbook)}`);
  const code = await runHere(step.command, words, context, environment).finally(async () => {
    if (written !== undefined && !step.keepInventory) await rm(written, { force: true });
  });
  if (code !== 0) throw failed(`the playbook ${basename(step.playbook)}`, code, step);
}

/** With an inventory of the user's own, whose hosts Kiln cannot say anything of. */
function loginWords(step: AnsibleStep, { user, privateKeyFile }: MachineConnection): readonly string[] {
  return [
    `--user=${step.user ?? user}`,
    ...(privateKeyFile === undefined ? [] : [`--private-key=${privateKeyFile}`]),
  ];
}

async function ansibleEnvironment(
  step: AnsibleStep,
  context: StepContext,
  connection: MachineConnection,
  sockets: string,
): Promise<Readonly<Record<string, string>>> {
  const { configFile, galaxy, hostKeyChecking, sshArguments } = step;
  const byPassword = connection.password !== undefined && connection.privateKeyFile === undefined;
  const words = [
    ...sshArguments,
    ...(hostKeyChecking || connection.knownHosts ? [] : ['-o', 'UserKnownHostsFile=/dev/null']),
    ...['-o', 'IdentitiesOnly=yes', '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s'],
    // Ansible asks for a password only with the program sshpass; ssh itself takes one from a program of ours.
    ...(byPassword ? ['-o', 'PasswordAuthentication=yes', '-o', 'PreferredAuthentications=password'] : []),
  ];
  return {
    ANSIBLE_FORCE_COLOR: process.env.NO_COLOR === undefined ? 'true' : 'false',
    PYTHONUNBUFFERED: '1',
    ANSIBLE_HOST_KEY_CHECKING: String(hostKeyChecking),
    ANSIBLE_SSH_ARGS: words.join(' '),
    ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
    ...(configFile !== undefined && { ANSIBLE_CONFIG: configFile }),
    ...(galaxy?.rolesPath !== undefined && { ANSIBLE_ROLES_PATH: galaxy.rolesPath }),
    ...(galaxy?.collectionsPath !== undefined && { ANSIBLE_COLLECTIONS_PATH: galaxy.collectionsPath }),
    ...(byPassword && (await passwordProgram(connection.password!, context.scratch))),
  };
}

/** What makes ssh(1) ask a program for the password: SSH_ASKPASS, always used since OpenSSH 8.4 when asked to. */
async function passwordProgram(password: string, scratch: string): Promise<Readonly<Record<string, string>>> {
  const secret = join(scratch, 'ssh-password');
  const program = join(scratch, 'ssh-askpass');
  await writeFile(secret, `${password}\n`, { mode: 0o600 });
  await writeFile(program, `#!/bin/sh\ncat ${shellQuote(secret)}\n`, { mode: 0o700 });
  await chmod(program, 0o700);
  return { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force' };
}

async function writeInventory(
  step: AnsibleStep,
  context: StepContext,
  connection: MachineConnection,
): Promise<string> {
  const neighbours = new Map(await context.neighbours?.());
  neighbours.set(step.hostName, connection);
  const hosts: InventoryHost[] = [...neighbours].map(([name, one]) => ({
    name,
    variables: connectionVariables(one, {
      forceUser: step.forceUser,
      user: name === step.hostName ? step.user : undefined,
    }),
  }));
  const folder = step.inventoryFolder ?? join(context.scratch, 'inventory');
  await mkdir(folder, { recursive: true });
  const name = step.keepInventory
    ? 'vagrant_ansible_inventory'
    : `kiln-inventory-${randomBytes(4).toString('hex')}`;
  const file = join(folder, name);
  await writeFile(file, renderInventory(hosts, step));
  return file;
}

async function askForPasswords(
  step: AnsibleStep,
  context: StepContext,
): Promise<{ readonly variables: Readonly<Record<string, string>>; readonly vaultPasswordFile?: string }> {
  const become = step.askBecomePassword ? await context.ask('Password for becoming root: ') : '';
  const vault = step.askVaultPassword ? await context.ask('Password of the vault: ') : '';
  const file = join(context.scratch, 'vault-password');
  if (vault !== '') await writeFile(file, `${vault}\n`, { mode: 0o600 });
  return {
    variables: become === '' ? {} : { ansible_become_password: become },
    ...(vault !== '' && { vaultPasswordFile: file }),
  };
}

async function getRequirements(
  step: AnsibleStep,
  context: StepContext,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (!step.galaxy) return;
  const hasCollections = /^\s*collections:/m.test(await readRequirements(step.galaxy.file));
  context.say(`Getting what ${basename(step.galaxy.file)} asks for`);
  for (const command of galaxyCommands(step.galaxy, hasCollections, shellQuote)) {
    const [program, ...words] = typeof command === 'string' ? [command] : command;
    const code = await runHere(program!, words, context, environment);
    if (code !== 0) throw failed('ansible-galaxy', code, step);
  }
}

async function readRequirements(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) throw error;
    throw new KilnError('file-missing', `the Ansible requirements ${path} cannot be read`, { cause: error });
  }
}

/** Runs a program, or a line of a shell with words behind it. Resolves with its exit code. */
async function runHere(
  command: string,
  words: readonly string[],
  context: StepContext,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const isLine = /\s/.test(command);
  const argv = isLine ? ['/bin/sh', '-c', `${command} "$@"`, 'sh', ...words] : [command, ...words];
  try {
    const { code } = await run(argv[0]!, argv.slice(1), {
      cwd: context.folder,
      env,
      signal: context.signal,
      onLine: context.output,
      ...(context.ownProcess && { onStart: context.ownProcess }),
    });
    return code;
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'tool-missing') throw error;
    throw new KilnError('tool-missing', `this host has no ${command}`, {
      hint: 'install Ansible here (Debian: apt install ansible-core), or run it inside of the machine with ansible-local',
      cause: error,
    });
  }
}

function failed(what: string, code: number, step: AnsibleStep): KilnError {
  return new KilnError('step-failed', `${what} ended with exit code ${code}`, step.at ? { at: step.at } : {});
}

/** Connections that ssh(1) keeps for the next command end now. */
async function endSharedConnections(sockets: string): Promise<void> {
  for (const name of await readdir(sockets)) {
    await run('ssh', [
      '-F',
      '/dev/null',
      '-o',
      `ControlPath=${join(sockets, name)}`,
      '-O',
      'exit',
      'machine',
    ]);
  }
}
