import { envFunction, type HclFunction, packerFunctions, systemHost, templatefileFunction } from '@kiln/hcl';

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

function hostOf({ folder, cwd, env, startedAt }: FunctionOptions) {
  return systemHost({ baseFolder: folder, currentFolder: cwd, environment: env, startedAt });
}
