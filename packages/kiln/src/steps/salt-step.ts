import { KilnError } from '../base/errors.ts';
import { joinGuestPath } from '../guests/guest-path.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { SaltStep } from '../plan/salt-step.ts';
import { fetchScript } from './chef-step.ts';
import { missingInMachine } from './install-packages.ts';
import { type Stage, withStage } from './stage.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Sets a Salt minion up inside the machine, and applies states. */
export const runSaltStep: StepRunner<SaltStep> = async (step, context) => {
  const { copies, folder, cleanFolder, asRoot } = step;
  await withStage({ name: 'salt', copies, folder, cleanFolder, asRoot }, context, async (stage) => {
    await provideSalt(step, stage, context);
    const setup = await setupScript(step, stage);
    if (setup !== '') await mustEnd(await stage.run(setup), 'setting the minion up', step);
    if (step.state === undefined) return;
    context.say(`Running salt-call: ${step.state}`);
    const code = await stage.run(await callScript(step, stage, context));
    if (!step.ignoreFailures) await mustEnd(code, 'salt-call', step);
  });
};

const configFolder = '/etc/salt';

/** Puts the minion's files where it looks for them. */
async function setupScript(step: SaltStep, stage: Stage): Promise<string> {
  const { minionConfig, grains, minionKey, minionSettings, minionId, service } = step;
  const to = step.configFolder ?? configFolder;
  const place = (from: string | undefined, name: string, mode: string) =>
    from === undefined
      ? []
      : [
          `install -D -m ${mode} ${shellQuote(stage.path(from))} ${shellQuote(joinGuestPath(to, name))} || exit 1`,
        ];
  const settings =
    minionSettings === undefined
      ? undefined
      : await stage.write('settings.conf', JSON.stringify(minionSettings));
  const id = minionId === undefined ? undefined : await stage.write('minion_id', `${minionId}\n`);
  const lines = [
    ...place(minionConfig, 'minion', '0644'),
    ...place(settings, 'minion.d/kiln.conf', '0600'),
    ...place(grains, 'grains', '0644'),
    ...place(id, 'minion_id', '0644'),
    ...place(minionKey?.private, 'pki/minion/minion.pem', '0400'),
    ...place(minionKey?.public, 'pki/minion/minion.pub', '0644'),
  ];
  if (service === undefined) return lines.join('\n');
  const verb = service ? 'enable --now' : 'disable --now';
  return [...lines, `if command -v systemctl >/dev/null 2>&1; then systemctl ${verb} salt-minion; fi`].join(
    '\n',
  );
}

/** https://docs.saltproject.io/en/latest/ref/cli/salt-call.html */
export async function callScript(step: SaltStep, stage: Stage, context: StepContext): Promise<string> {
  const { stateFolder, pillarFolder, pillar, state, masterless } = step;
  const at = (option: string, path: string | undefined) =>
    path === undefined ? [] : [`${option}=${stage.path(path)}`];
  const words = [
    ...(masterless ? ['--local'] : []),
    '--retcode-passthrough',
    ...at('--config-dir', step.configFolder),
    ...at('--file-root', stateFolder),
    ...at('--pillar-root', pillarFolder),
    ...(step.logLevel === undefined ? [] : [`--log-level=${step.logLevel}`]),
    ...(state === 'highstate' ? ['state.highstate'] : ['state.apply', state!]),
  ];
  const more = step.arguments.map((argument) => context.render(argument));
  const program =
    step.binaryFolder === undefined ? 'salt-call' : shellQuote(joinGuestPath(step.binaryFolder, 'salt-call'));
  const hasPillar = Object.keys(pillar).length > 0;
  // A pillar may be secret: the shell reads it from a file, and other users see no command lines of root's with hidepid.
  const values = hasPillar
    ? `pillar="$(cat ${shellQuote(await stage.write('pillar.json', JSON.stringify(pillar)))})"`
    : '';
  return [
    `cd ${shellQuote(stage.folder)} || exit 1`,
    `exec ${[program, ...words.map(shellQuote), values, ...more].filter(Boolean).join(' ')}`,
  ].join('\n');
}

/** Where the Salt project keeps the newest of its script (https://github.com/saltstack/salt-bootstrap). */
const bootstrapUrl = 'https://github.com/saltstack/salt-bootstrap/releases/latest/download/bootstrap-salt.sh';

async function provideSalt(step: SaltStep, stage: Stage, context: StepContext): Promise<void> {
  const { install, binaryFolder } = step;
  const program =
    binaryFolder === undefined ? 'salt-call' : shellQuote(joinGuestPath(binaryFolder, 'salt-call'));
  const isThere = (await stage.ask(`command -v ${program}`)) !== undefined;
  if (isThere && !install?.always) return;
  if (!install) {
    throw missingInMachine('salt-call', 'install Salt in a step before, or let this step install it');
  }
  context.say('Installing Salt with its bootstrap script');
  const own = joinGuestPath(stage.private, 'bootstrap-salt.sh');
  const get =
    install.script === undefined ? `${fetchScript(bootstrapUrl)} >${shellQuote(own)} || exit 1` : '';
  const script = shellQuote(install.script === undefined ? own : stage.path(install.script));
  const code = await stage.run(`${get}\nexec sh ${script} ${install.arguments}`, { asRoot: true });
  await mustEnd(code, "Salt's bootstrap script", step);
}

async function mustEnd(code: number, what: string, step: SaltStep): Promise<void> {
  if (code === 0) return;
  throw new KilnError('step-failed', `${what} ended with exit code ${code}`, step.at ? { at: step.at } : {});
}
