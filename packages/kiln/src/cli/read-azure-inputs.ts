import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { kilnHome } from '../base/home.ts';
import type { Problems } from '../base/yaml/problems.ts';
import {
  type Catalogue,
  readCatalogue,
  readLocalImage,
  shippedCatalogue,
  usualLogin,
} from '../dialects/azure/catalogue/catalogue.ts';
import { galleryView } from '../dialects/azure/plan/gallery-view.ts';
import type { PlanContext } from '../dialects/azure/plan/plan-context.ts';
import { storeLayout } from '../store/home.ts';
import { listTags } from '../store/tags.ts';
import type { CliContext } from './context.ts';
import { parseVariables, readVariableInputs } from './read-variables.ts';

/**
 * Values of parameters: files in the order they are given, then the command line. Files are those of ARM's parameters,
 * or names with values.
 * @throws KilnError `bad-usage`, `file-missing`, `template-invalid`
 */
export async function readParameterValues(
  options: { readonly var: readonly string[]; readonly 'var-file': readonly string[] },
  cwd: string,
): Promise<Readonly<Record<string, unknown>>> {
  const values: Record<string, unknown> = {};
  for (const file of options['var-file']) {
    const arm = readParameterFile(file, cwd);
    Object.assign(values, arm ?? (await readVariableInputs({ var: [], 'var-file': [file] }, cwd)));
  }
  return { ...values, ...parseVariables(options.var) };
}

/** Undefined for a file that is none of ARM's parameters. */
function readParameterFile(file: string, cwd: string): Record<string, unknown> | undefined {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'));
  } catch (error) {
    // Whoever reads it as something else says what is wrong with it.
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT', 'EACCES', 'EISDIR')) return undefined;
    throw error;
  }
  const parameters = member(read, 'parameters');
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, entry]) => {
      if (typeof entry === 'object' && entry !== null && 'value' in entry) return [name, entry.value];
      throw new KilnError('template-invalid', `${file}: the parameter "${name}" has no "value"`, {
        hint: 'a reference to a key vault cannot be followed here; give the value with --var',
      });
    }),
  );
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

const catalogueNames = ['azure-images.yaml', 'azure-images.yml', 'azure-images.json'];

/** The user's own catalogue first, then that which comes with Kiln. */
export function readCatalogues({ env }: Pick<CliContext, 'env'>, problems: Problems): Catalogue {
  const files = catalogueNames.map((name) => join(kilnHome(env), name)).filter((file) => existsSync(file));
  const own = files.flatMap((file) => readCatalogue(file, readFileSync(file, 'utf8'), problems));
  return [...own, ...shippedCatalogue()];
}

/** What is in the store and on this host. @throws KilnError `bad-usage`, `not-found`, `file-missing` */
export async function readSurroundings(
  sourceImage: string | undefined,
  { env, cwd }: Pick<CliContext, 'env' | 'cwd'>,
): Promise<Pick<PlanContext, 'gallery' | 'host' | 'sourceImage'>> {
  const gallery = galleryView(await listTags(storeLayout(kilnHome(env))));
  const host = { cpus: availableParallelism(), memory: totalmem() };
  if (sourceImage === undefined) return { gallery, host };
  const path = resolve(cwd, sourceImage);
  const image = existsSync(path) ? ({ kind: 'file', path } as const) : readLocalImage(sourceImage, cwd);
  if (image.kind === 'file' && !existsSync(image.path)) {
    throw new KilnError('file-missing', `--source-image: there is no file ${sourceImage}`);
  }
  return { gallery, host, sourceImage: { image, login: usualLogin(image) } };
}
