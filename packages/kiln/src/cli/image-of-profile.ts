import { basename, dirname, resolve } from 'node:path';
import { DiagnosticsError } from '../base/diagnostics.ts';
import { kilnHome } from '../base/home.ts';
import { loadProfile } from '../profile/language/load-profile.ts';
import { type CliContext, hideInOutput } from './context.ts';
import { withProgress } from './with-progress.ts';

/**
 * A profile that is built alone: the kiln.yaml of one image that is that profile, built without a machine. The image is
 * named for the file.
 * @param parameters values of the profile's parameters
 * @throws DiagnosticsError for every mistake of the profile
 */
export async function imageOfProfile(
  file: string,
  parameters: Readonly<Record<string, string>>,
  context: CliContext,
): Promise<string> {
  const { env, cwd } = context;
  const { profile, diagnostics, secrets } = await withProgress(context, ({ signal }) =>
    loadProfile(file, { parameters, env, home: kilnHome(env), cwd, signal }),
  );
  hideInOutput(secrets);
  if (!profile) throw new DiagnosticsError(diagnostics);
  if (!profile.os) {
    throw new DiagnosticsError([
      {
        severity: 'error',
        message: 'the profile does not say which system it is for, so no image can be made of it alone',
        hint: 'add "os: debian/12", or name the profile in an image of a kiln.yaml',
        at: { file, line: 1, column: 1 },
      },
    ]);
  }
  const { distribution, release } = profile.os;
  const image = {
    from: `${distribution}/${release}`,
    builder: 'rootfs',
    profile: `./${basename(file)}`,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, plain(value)])),
  };
  // YAML takes JSON as it is.
  return JSON.stringify({ kiln: 1, images: { [imageName(resolve(cwd, file))]: image } });
}

/** `web.profile.yaml` is web; `kiln.profile.yaml` is named for its folder. */
function imageName(path: string): string {
  const own = basename(path)
    .replace(/\.(?:ya?ml|cfg|txt)$/i, '')
    .replace(/\.profile$/i, '');
  const name = own === 'kiln' || own === 'profile' ? basename(dirname(path)) : own;
  const usable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return usable.slice(0, 60) || 'image';
}

/** A text in which nothing is a variable of kiln.yaml. */
function plain(text: string): string {
  return text.replaceAll('${', '$${');
}
