import { resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { EmitEvent } from '../../base/events.ts';
import { exists } from '../../base/files.ts';
import { kilnHome } from '../../base/home.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { openStore, type Store } from '../../store/store.ts';
import { readPublicKey } from '../../supply/signing/public-key.ts';
import { type TrustedKey, trustedKeys } from '../../supply/signing/trusted-keys.ts';
import type { Check } from '../../supply/verify/check.ts';
import { checkRebuild } from '../../supply/verify/rebuild.ts';
import { verifyFile } from '../../supply/verify/verify-file.ts';
import { verifyImage } from '../../supply/verify/verify-image.ts';
import type { CommandInput } from '../command.ts';
import type { imageVerifyOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { rebuildImage } from '../rebuild-image.ts';
import { withProgress } from '../with-progress.ts';
import { shortId } from './image-json.ts';

/** What was looked at, and what was found. */
interface Verified {
  readonly what: string;
  readonly id?: string;
  readonly checks: readonly Check[];
}

export async function run(
  { options, args }: CommandInput<typeof imageVerifyOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, env, cwd } = context;
  const store = openStore(kilnHome(env));
  const [what] = args;
  if (options.rebuild && what === undefined) {
    throw new KilnError('bad-usage', 'kiln image verify: --rebuild needs the name of an image', {
      hint: 'building everything again would take long; name one',
    });
  }
  const given = options.key === undefined ? undefined : await readPublicKey(resolve(cwd, options.key));
  const trusted: readonly TrustedKey[] = given
    ? [{ key: given, name: options.key! }]
    : await trustedKeys(store.home, env);
  const verified = await withProgress(context, async ({ emit, signal }) => {
    const onProgress = progressOf(emit);
    const target = await findTarget(store, what, cwd);
    if (target.kind === 'file')
      return [{ what: what!, checks: await verifyFile(target.path, { trusted, onProgress }) }];
    const results: Verified[] = [];
    const checkedLayers = new Set<string>();
    for (const { record, name } of target.images) {
      const settings = { trusted, mustBeSigned: given !== undefined, checkedLayers, onProgress };
      const checks = await verifyImage(store, record, settings);
      if (options.rebuild) {
        emit({ kind: 'message', level: 'info', text: `building ${name} again` });
        checks.push(await checkRebuild(store, record, rebuildImage(store, env), signal));
      }
      results.push({ what: name, id: record.id, checks });
    }
    return results;
  });
  const ok = verified.every(({ checks }) => checks.every(({ result }) => result !== 'bad'));
  if (options.json) stdout.line(JSON.stringify({ ok, verified }, null, 2));
  else report(verified, what !== undefined, context);
  return ok ? exitCodes.ok : exitCodes.failed;
}

type Target =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'images';
      readonly images: readonly { readonly record: ImageRecord; readonly name: string }[];
    };

/** An image of that name comes first; whoever means the file writes `./name`. */
async function findTarget(store: Store, what: string | undefined, cwd: string): Promise<Target> {
  if (what === undefined) {
    const listed = await store.listImages();
    const images = listed.map(({ record, references }) => ({
      record,
      name: references[0] ?? shortId(record.id),
    }));
    return { kind: 'images', images };
  }
  try {
    return { kind: 'images', images: [{ record: await store.getImage(what), name: what }] };
  } catch (error) {
    const path = resolve(cwd, what);
    const isUnknown =
      error instanceof KilnError && (error.code === 'not-found' || error.code === 'bad-usage');
    if (isUnknown && (await exists(path))) return { kind: 'file', path };
    throw error;
  }
}

function progressOf(emit: EmitEvent): (bytes: number) => void {
  return (done) => emit({ kind: 'progress', label: 'reading images', done, unit: 'bytes' });
}

/** Of one image everything is told, of many only what is not as it should be. */
function report(verified: readonly Verified[], all: boolean, { stdout, stderr }: CliContext): void {
  const isBad = ({ result }: Check) => result === 'bad';
  for (const { what, checks } of verified) {
    for (const check of checks.filter((one) => all || isBad(one))) {
      const stream = isBad(check) ? stderr : stdout;
      const mark = { good: 'ok', bad: 'BAD', note: '--' }[check.result];
      stream.line(`${mark.padEnd(3)} ${all ? '' : `${what}: `}${check.text}`);
      for (const line of check.details ?? []) stream.line(`      ${line}`);
      if (check.hint && isBad(check)) stream.line(`    ${stream.paint('dim', 'hint:')} ${check.hint}`);
    }
  }
  if (!all && !verified.some(({ checks }) => checks.some(isBad))) stdout.line('all is well');
}
