import { existsSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunResult, run } from '../../base/processes.ts';

/**
 * For root: runs a program as a user with subordinate ids, who exists only for it and may write in `folder`/home. A
 * string says why that cannot be.
 */
export async function asOrdinaryUser(
  folder: string,
  command: readonly string[],
): Promise<RunResult | string> {
  const script = `
    cd "$1"
    { cat /etc/passwd; echo "kilntest:x:54321:54321::$1/home:/bin/sh"; } >passwd
    { cat /etc/group; echo kilntest:x:54321:; } >group
    echo kilntest:1000000:65536 >ids
    for pair in passwd:/etc/passwd group:/etc/group ids:/etc/subuid ids:/etc/subgid; do
      mount --bind "\${pair%%:*}" "\${pair#*:}" || exit 99
    done
    shift
    export HOME="$PWD/home" TMPDIR="$PWD/home"
    exec setpriv --reuid 54321 --regid 54321 --init-groups "$@"`;
  await mkdir(join(folder, 'home'));
  await chown(join(folder, 'home'), 54_321, 54_321);
  await chmod(folder, 0o755);
  for (const path of ['/etc/subuid', '/etc/subgid']) if (!existsSync(path)) return `there is no ${path} here`;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const inNamespace = (args: readonly string[]) =>
    run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder, ...args], {
      env,
    });
  const possible = await inNamespace(['unshare', '--user', '--map-root-user', '--map-auto', 'true']);
  if (possible.code !== 0)
    return `ordinary users may not make user namespaces here: ${possible.stderr.trim()}`;
  return await inNamespace(command);
}
