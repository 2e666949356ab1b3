import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretError } from '../host.ts';
import type { SecretSettings } from './system-secrets.ts';

export interface AwsAccess {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly region: string;
}

/**
 * Keys and region from the environment, or from the files of the AWS command line:
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 * @throws SecretError
 */
export function awsAccess(settings: SecretSettings): AwsAccess {
  const { environment } = settings;
  const profile = environment('AWS_PROFILE') || environment('AWS_DEFAULT_PROFILE') || 'default';
  const config = readProfile(
    settings,
    'AWS_CONFIG_FILE',
    'config',
    profile === 'default' ? profile : `profile ${profile}`,
  );
  const region = environment('AWS_REGION') || environment('AWS_DEFAULT_REGION') || config.get('region');
  if (!region) throw new SecretError('AWS needs a region; set the environment variable AWS_REGION.');
  const accessKeyId = environment('AWS_ACCESS_KEY_ID') || environment('AWS_ACCESS_KEY');
  const secretAccessKey = environment('AWS_SECRET_ACCESS_KEY') || environment('AWS_SECRET_KEY');
  if (accessKeyId && secretAccessKey) {
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken: environment('AWS_SESSION_TOKEN') || undefined,
      region,
    };
  }
  const shared = readProfile(settings, 'AWS_SHARED_CREDENTIALS_FILE', 'credentials', profile);
  for (const keys of [shared, config]) {
    const [id, secret] = [keys.get('aws_access_key_id'), keys.get('aws_secret_access_key')];
    if (id && secret) {
      return {
        accessKeyId: id,
        secretAccessKey: secret,
        sessionToken: keys.get('aws_session_token'),
        region,
      };
    }
  }
  throw new SecretError(
    `There are no AWS keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put them into the profile "${profile}" ` +
      'of ~/.aws/credentials. Roles and single sign-on are not supported; `aws configure export-credentials` gives keys ' +
      'for them.',
  );
}

function readProfile(
  { environment, homeFolder }: SecretSettings,
  variable: string,
  file: string,
  section: string,
): ReadonlyMap<string, string> {
  const named = environment(variable);
  const path = named || (homeFolder === undefined ? undefined : join(homeFolder, '.aws', file));
  if (path === undefined) return new Map();
  try {
    return sectionOf(readFileSync(path, 'utf8'), section);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new SecretError(`The file ${path} cannot be read.`);
  }
}

/** The settings of one section of an INI file. */
function sectionOf(text: string, name: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line);
    if (header) isInside = header[1] === name;
    const setting = /^([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (isInside && setting) settings.set(setting[1]!.toLowerCase(), setting[2]!);
  }
  return settings;
}
