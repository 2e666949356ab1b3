import { KilnError } from '../../../base/errors.ts';
import type { Config, CronJob, Timer } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ResourceReference } from '../compiled-profile.ts';
import { command } from '../script-builder.ts';
import { systemdLibrary } from '../shell/services.ts';
import { quoteForUnit } from '../unit-quote.ts';

/** Jobs of cron, and timers of systemd. */
export async function compileJobs({ cron, timers }: Config, context: CompileContext): Promise<void> {
  for (const job of cron) await compileCron(job, context);
  if (timers.length === 0) return;
  if (context.init === 'openrc') {
    throw new KilnError('unsupported', 'the machine has OpenRC, which has no timers', {
      hint: 'make a cron job of it',
    });
  }
  context.script.use(systemdLibrary);
  for (const timer of timers) await compileTimer(timer, context);
}

/** A file of /etc/cron.d; the cron of busybox has only tables of users. */
async function compileCron(
  { name, schedule, user, command: line, absent }: CronJob,
  { script, contents, manager }: CompileContext,
): Promise<void> {
  const resource: ResourceReference = { kind: 'setting', name: `cron ${name}` };
  const needs = [{ kind: 'user', name: user } as const];
  if (manager.name === 'apk') {
    const text = absent ? '' : `${schedule} ${line}\n`;
    const { id } = await contents.add({ kind: 'text', text });
    const words = command('want_block', `/etc/crontabs/${user}`, name, '600');
    script.resource(resource, [`content_${id} >"$work/block" && ${words}`], needs);
    return;
  }
  const path = `/etc/cron.d/${name}`;
  if (absent) {
    script.resource(resource, [command('absent', path, 'no')]);
    return;
  }
  const text = `${schedule} ${user} ${line}\n`;
  const { id, digest, size } = await contents.add({ kind: 'text', text });
  script.resource(resource, [command('file', id, path, digest, size, '644', '0', '0', 'no')], needs);
}

async function compileTimer(timer: Timer, { script, contents }: CompileContext): Promise<void> {
  const { name, user, absent } = timer;
  const resource: ResourceReference = { kind: 'setting', name: `timer ${name}` };
  const folder = '/etc/systemd/system';
  if (absent) {
    script.resource(resource, [
      `if [ -e ${command(`${folder}/${name}.timer`)} ]; then part ${command('service', `${name}.timer`, 'no', '', 'no', 'no')}; fi`,
      `part ${command('absent', `${folder}/${name}.timer`, 'no')} &&`,
      `part ${command('absent', `${folder}/${name}.service`, 'no')}`,
    ]);
    return;
  }
  const parts: string[] = [];
  for (const [suffix, text] of [
    ['service', serviceText(timer)],
    ['timer', timerText(timer)],
  ] as const) {
    const { id, digest, size } = await contents.add({ kind: 'text', text });
    const path = `${folder}/${name}.${suffix}`;
    parts.push(
      `prefix=${command(`${name}.${suffix}: `)}; part ${command('file', id, path, digest, size, '644', '0', '0', 'no')} &&`,
    );
    parts.push('{ [ "$PART" = no ] || reload_units=yes; } &&');
  }
  script.resource(
    resource,
    [...parts, `{ prefix=; part ${command('service', `${name}.timer`, 'yes', '', 'yes')} "$dirty"; }`],
    [{ kind: 'user', name: user }],
  );
}

function serviceText({ name, command: line, user }: Timer): string {
  return `[Unit]
Description=${name}

[Service]
Type=oneshot
User=${user}
ExecStart=/bin/sh -c ${quoteForUnit(line)}
`;
}

function timerText({ name, calendar, persistent }: Timer): string {
  return `[Unit]
Description=${name}

[Timer]
OnCalendar=${calendar}
Persistent=${persistent}

[Install]
WantedBy=timers.target
`;
}
