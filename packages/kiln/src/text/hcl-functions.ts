import { isAbsolute, join, relative, sep } from 'node:path';
import {
  envFunction,
  type FunctionHost,
  type HclFunction,
  packerFunctions,
  systemHost,
  templatefileFunction,
} from '@kiln/hcl';

export interface FunctionOptions {
  /** Absolute folder that relative paths start from. */
  readonly folder: string;
  /** Working folder of the command. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly startedAt: Date;
}

/**
 * The functions of Packer's HCL2 (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/functions), each
 * as `wrap` gives it; what `templatefile` calls too.
 */
export function hclFunctions(
  options: FunctionOptions,
  wrap: (functions: ReadonlyMap<string, HclFunction>) => ReadonlyMap<string, HclFunction>,
): ReadonlyMap<string, HclFunction> {
  const host = hostOf(options);
  const wrapped: ReadonlyMap<string, HclFunction> = wrap(
    new Map([...packerFunctions(host)]).set(
      'templatefile',
      templatefileFunction(host, () => wrapped),
    ),
  );
  return wrapped;
}

/** The function that the defaults of variables may call, and nothing else may. */
export function environmentFunction(options: FunctionOptions): ReadonlyMap<string, HclFunction> {
  return new Map([['env', envFunction(hostOf(options))]]);
}

function hostOf({ folder, cwd, env, startedAt }: FunctionOptions): FunctionHost {
  const host = systemHost({ baseFolder: folder, currentFolder: cwd, environment: env, startedAt });
  const root = relative(cwd, folder);
  if (root === '' || isAbsolute(root) || root.startsWith('..')) return host;
  // A path that begins with path.root starts in the working folder, where Packer looks for it in the template's own.
  const twice = join(folder, root, sep);
  const meant = (path: string): string =>
    path.startsWith(twice) && host.files.kind(path) === undefined
      ? join(folder, path.slice(twice.length))
      : path;
  const files: FunctionHost['files'] = {
    read: (path) => host.files.read(meant(path)),
    kind: (path) => host.files.kind(meant(path)),
    list: (path) => host.files.list(meant(path)),
  };
  return { ...host, files };
}
