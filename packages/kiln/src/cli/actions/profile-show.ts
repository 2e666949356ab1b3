import { redactor } from '../../base/redact.ts';
import type { Profile } from '../../plan/profile.ts';
import { profileFor } from '../../profile/conditions.ts';
import { formatProfile } from '../../profile/language/format-profile.ts';
import type { CommandInput } from '../command.ts';
import type { profileShowOptions } from '../commands/profile/show.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadProfileOf, readFactOptions } from '../load-profile.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(
  { options, args }: CommandInput<typeof profileShowOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const { profile, diagnostics, secrets } = await loadProfileOf(args[0], options, context);
  stderr.write(formatDiagnostics(diagnostics, stderr.paint));
  const facts = readFactOptions(options.facts, context.cwd);
  const shown = withoutSecrets(facts ? profileFor(profile, facts) : profile, secrets);
  if (options.format === 'json') stdout.line(JSON.stringify(shown, null, 2));
  else stdout.write(formatProfile(shown));
  return exitCodes.ok;
}

/** Hides values before they are written, where quotes and indentation may change how they look. */
function withoutSecrets(profile: Profile, secrets: readonly string[]): Profile {
  const hide = redactor(secrets);
  const hidden: Profile = JSON.parse(JSON.stringify(profile), (_name, value: unknown) =>
    typeof value === 'string' ? hide(value) : value,
  );
  return {
    ...hidden,
    // What a secret file has in it is not shown, whether or not a parameter is to blame for it.
    files: hidden.files.map((file) =>
      file.kind === 'file' && file.secret && (file.content?.kind === 'text' || file.content?.kind === 'bytes')
        ? { ...file, content: { kind: 'text', text: '<sensitive>' } }
        : file,
    ),
  };
}
