import { createHash } from 'node:crypto';
import { KilnError } from '../base/errors.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { ContainerRun, ContainerStep } from '../plan/container-step.ts';
import { installPackages, missingInMachine } from './install-packages.ts';
import { type Stage, withStage } from './stage.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Provides Docker or Podman in the machine, gets and builds images, and runs containers. */
export const runContainerStep: StepRunner<ContainerStep> = async (step, context) => {
  const { kind: program } = step;
  await withStage({ name: program, copies: [], cleanFolder: false, asRoot: true }, context, async (stage) => {
    await provideProgram(step, stage, context);
    const must = async (what: string, script: string) => {
      context.say(what);
      const code = await stage.run(script);
      if (code === 0) return;
      throw new KilnError('step-failed', `${what}: ${program} ended with exit code ${code}`, {
        ...(step.at ? { at: step.at } : {}),
      });
    };
    for (const image of step.images)
      await must(`Pulling ${image}`, `exec ${program} pull ${shellQuote(image)}`);
    for (const { path, arguments: words } of step.builds)
      await must(`Building ${path}`, `exec ${program} build ${words} ${shellQuote(path)}`);
    for (const container of step.containers)
      await must(`Running the container ${container.name}`, containerScript(program, container));
  });
};

/**
 * Brings one container to what the step says. Labels tell its containers, and what they were made of: one that is as it
 * should be is started when it does not run, and another one is made anew, also when its image has changed.
 */
export function containerScript(program: string, container: ContainerRun): string {
  const { name, image, command, daemonize, restart, assignName } = container;
  const stamp = createHash('sha256').update(JSON.stringify(container)).digest('hex').slice(0, 32);
  const safeName = name.replaceAll('/', '-');
  const words = [
    ...(daemonize ? ['--detach'] : []),
    ...['--label', `kiln.container=${name}`, '--label', `kiln.stamp=${stamp}`],
    ...(assignName ? ['--name', safeName] : []),
    ...(restart === undefined || restart === '' ? [] : [`--restart=${restart}`]),
  ];
  const byName = assignName
    ? `[ -n "$id" ] || id=$(${program} ps --all --quiet --no-trunc --filter ${shellQuote(`name=^/?${escapePattern(safeName)}$`)})`
    : ':';
  return `id=$(${program} ps --all --quiet --no-trunc --filter ${shellQuote(`label=kiln.container=${name}`)})
${byName}
if [ -n "$id" ]; then
  stamp=$(${program} inspect --format '{{ index .Config.Labels "kiln.stamp" }}' "$id")
  made=$(${program} inspect --format '{{ .Image }}' "$id")
  now=$(${program} image inspect --format '{{ .Id }}' ${shellQuote(image)} 2>/dev/null)
  if [ "$stamp" != ${stamp} ] || { [ -n "$now" ] && [ "\${made#sha256:}" != "\${now#sha256:}" ]; }; then
    ${program} rm --force "$id" >/dev/null || exit 1
    id=
  fi
fi
if [ -z "$id" ]; then
  exec ${program} run ${words.map(shellQuote).join(' ')} ${container.arguments} ${shellQuote(image)} ${command}
fi
[ "$(${program} inspect --format '{{ .State.Running }}' "$id")" = true ] && exit 0
exec ${program} start ${daemonize ? '' : '--attach'} "$id"`;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&');
}

const packages = {
  docker: {
    apt: ['docker.io'],
    dnf: ['moby-engine'],
    yum: ['docker'],
    zypper: ['docker'],
    apk: ['docker'],
    pacman: ['docker'],
  },
  podman: {
    apt: ['podman'],
    dnf: ['podman'],
    yum: ['podman'],
    zypper: ['podman'],
    apk: ['podman'],
    pacman: ['podman'],
  },
};

async function provideProgram(step: ContainerStep, stage: Stage, context: StepContext): Promise<void> {
  const { kind: program } = step;
  if ((await stage.ask(`command -v ${program}`)) === undefined) {
    if (!step.install) throw missingInMachine(program, `install ${program} in a step before this one`);
    await installPackages(program, packages[program], stage, context);
  }
  if (program === 'podman') return;
  const user = await stage.ask('id -un');
  const code = await stage.run(startScript(user ?? 'root'));
  if (code === 0) return;
  throw new KilnError('step-failed', "Docker's service does not answer in the machine", {
    hint: 'look at it with `systemctl status docker` and `journalctl -u docker` there',
  });
}

/** The service is there, it answers, and who logs in may use it. */
function startScript(user: string): string {
  const join =
    user === 'root'
      ? ':'
      : `if getent group docker >/dev/null; then usermod -a -G docker ${shellQuote(user)}; fi`;
  return `${join}
docker info >/dev/null 2>&1 && exit 0
if [ -d /run/systemd/system ]; then systemctl enable --now docker
elif command -v rc-service >/dev/null 2>&1; then rc-update add docker default; rc-service docker start
else service docker start; fi
tries=0
until docker info >/dev/null 2>&1; do
  tries=$((tries + 1)); [ "$tries" -lt 60 ] || exit 1; sleep 1
done`;
}
