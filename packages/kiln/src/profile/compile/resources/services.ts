import { KilnError } from '../../../base/errors.ts';
import type { ServiceWish } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { command } from '../script-builder.ts';
import { fileLibrary } from '../shell/files.ts';
import { openrcLibrary, systemdLibrary } from '../shell/services.ts';

const unitFolder = '/etc/systemd/system';

/**
 * Services. On a machine that runs, one that is enabled also runs, if nothing else is said.
 * @throws KilnError `unsupported` for what OpenRC does not have
 */
export async function compileServices(
  services: readonly ServiceWish[],
  context: CompileContext,
): Promise<void> {
  if (services.length === 0) return;
  const { script, init } = context;
  script.use(fileLibrary);
  script.use(init === 'openrc' ? openrcLibrary : systemdLibrary);
  // Units may name each other, so that all are there before any is enabled.
  for (const service of services) await compileUnits(service, context);
  for (const service of services) compileState(service, context);
}

async function compileUnits(service: ServiceWish, context: CompileContext): Promise<void> {
  const { script, contents, init } = context;
  const { name, unit, dropIn } = service;
  if (unit === undefined && dropIn === undefined) return;
  if (init === 'openrc') {
    throw new KilnError('unsupported', `${name} has a unit for systemd, and the machine has OpenRC`, {
      hint: 'write a script to /etc/init.d under "files", with mode 0755',
    });
  }
  const files = [
    [`${unitFolder}/${name}`, unit],
    [`${unitFolder}/${name}.d/kiln.conf`, dropIn],
  ] as const;
  for (const [path, text] of files) {
    if (text === undefined) continue;
    const { id, digest, size } = await contents.add({ kind: 'text', text });
    const words = command('file', id, path, digest, size, '644', '0', '0', 'no');
    const number = script.resource({ kind: 'file', name: path }, [words]);
    script.write(`! changed ${number} || reload_units=yes`);
  }
}

function compileState(service: ServiceWish, context: CompileContext): void {
  const { script, init } = context;
  const { name, enabled, masked, running, restartOn } = service;
  const own = [`${unitFolder}/${name}`, `${unitFolder}/${name}.d/kiln.conf`];
  const needs = [...own, ...restartOn].map((path) => ({ kind: 'file', name: path }) as const);
  const changes = needs.map((file) => script.numberOf(file)).filter((number) => number !== undefined);
  const nothingElse =
    enabled === undefined && masked === undefined && running === undefined && changes.length === 0;
  if (nothingElse) return;
  if (init === 'openrc' && masked) {
    throw new KilnError('unsupported', `${name} cannot be masked: the machine has OpenRC`, {
      hint: 'disable it',
    });
  }
  const word = (value: boolean | undefined) => (value === undefined ? '' : value ? 'yes' : 'no');
  const derived = running ?? (masked ? false : enabled);
  const runs = derived === undefined ? '' : `${running === undefined ? 'maybe-' : ''}${word(derived)}`;
  const serviceName = init === 'openrc' ? name.replace(/\.service$/, '') : name;
  script.resource(
    { kind: 'service', name },
    [
      changes.length === 0
        ? 'restart=no'
        : `if changed ${changes.join(' ')}; then restart=yes; else restart=no; fi`,
      `${command('service', serviceName, word(enabled), word(masked), runs)} "$restart"`,
    ],
    needs,
  );
}
