import { KilnError } from '../../../base/errors.ts';
import { shellQuote } from '../../../guests/shell-quote.ts';
import type { PackageWish } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { command } from '../script-builder.ts';
import { packageLibrary } from '../shell/packages.ts';

/**
 * All packages in one transaction.
 * @param needs numbers of what must not have failed before
 * @throws KilnError `unsupported` for what the package manager cannot do
 */
export function compilePackages(
  packages: readonly PackageWish[],
  needs: readonly number[],
  context: CompileContext,
): void {
  if (packages.length === 0) return;
  const { script, manager, refreshFirst } = context;
  for (const wish of packages) check(wish, context);
  for (const library of [packageLibrary, manager.library]) script.use(library);
  const numbered = packages.map((wish) => ({
    wish,
    number: script.number({ kind: 'package', name: wish.name }),
  }));
  const wishes = numbered.map(({ wish, number }) =>
    [
      '"$1"',
      number,
      command(wish.name, wish.state, wish.version ?? ''),
      command(wish.held === undefined ? '' : wish.held ? 'yes' : 'no'),
    ].join(' '),
  );
  const names = packages.map((wish) => wish.name);
  const latest = packages.filter((wish) => wish.state === 'latest').map((wish) => wish.name);
  const cases = numbered.map(({ wish, number }) => `    ${shellQuote(wish.name)}) INDEX=${number} ;;`);
  const all = [...script.barriers, ...needs].join(' ');
  script.write(
    [
      `each_wish() {\n  ${wishes.join('\n  ')}\n}`,
      `index_of() {\n  case $1 in\n${cases.join('\n')}\n    *) INDEX= ;;\n  esac\n}`,
      `package_names=${command(names.join(' '))}`,
      `latest_names=${command(latest.join(' '))}`,
      `refresh_first=${refreshFirst ? 'yes' : 'no'}`,
      `package_needs=${command(all)}`,
      'each_wish note_wish',
      'if needs_met $package_needs; then bring_packages; fi',
      'report_wishes',
    ].join('\n'),
  );
}

/** Names and versions are words of command lines and patterns. */
function check({ name, version, ...rest }: PackageWish, { manager }: CompileContext): void {
  if (!/^[A-Za-z0-9][\w.+:@~-]*$/.test(name)) {
    throw new KilnError('template-invalid', `"${name}" cannot be the name of a package`, {
      hint: 'names have letters, digits and . + - : _',
    });
  }
  if (version !== undefined && !/^[\w.+:~^*-]+$/.test(version)) {
    throw new KilnError('template-invalid', `"${version}" cannot be a version of ${name}`, {
      hint: 'write it as the package manager shows it; "*" stands for anything',
    });
  }
  const obstacle = manager.obstacle?.({ name, ...(version !== undefined && { version }), ...rest });
  if (obstacle) throw new KilnError('unsupported', obstacle);
}
