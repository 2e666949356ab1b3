import { SecretError } from '../host.ts';
import { awsAccess } from './aws-credentials.ts';
import { signedHeaders } from './aws-signature.ts';
import { fetchSync } from './http-child.ts';
import type { SecretSettings } from './system-secrets.ts';

const service = 'secretsmanager';

/**
 * The text of a secret of AWS Secrets Manager:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 * @throws SecretError
 */
export function fetchAwsSecret(settings: SecretSettings, name: string): string {
  const { environment } = settings;
  const access = awsAccess(settings);
  const url = endpointOf(settings, access.region);
  const body = JSON.stringify({ SecretId: name, VersionStage: 'AWSCURRENT' });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
  };
  const response = fetchSync(
    {
      url: url.href,
      method: 'POST',
      headers: signedHeaders({ url, method: 'POST', headers, body }, access, service, new Date()),
      body,
    },
    environment,
  );
  const answer = parsed(response.body);
  if (response.status !== 200) {
    const { __type: type, message = answer['Message'] } = answer;
    const kind = typeof type === 'string' ? type.split('#').at(-1) : undefined;
    const reasons = [`status ${response.status}`, kind, message].filter(
      (reason) => typeof reason === 'string',
    );
    throw new SecretError(`AWS Secrets Manager refuses the secret "${name}": ${reasons.join(', ')}.`);
  }
  const text = answer['SecretString'];
  if (typeof text !== 'string') throw new SecretError(`The secret "${name}" is binary, not a text.`);
  return text;
}

function endpointOf({ environment }: SecretSettings, region: string): URL {
  const given = environment('AWS_ENDPOINT_URL_SECRETS_MANAGER') || environment('AWS_ENDPOINT_URL');
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  try {
    return new URL(given || `https://${service}.${region}.${domain}/`);
  } catch {
    throw new SecretError(`The endpoint of AWS is not a URL: ${given ?? region}`);
  }
}

/**
 * A field of a secret that is a JSON object; the only one if no key is given; the text itself if it is not JSON.
 * @throws SecretError
 */
export function fieldOfSecret(name: string, text: string, key: string | undefined): string {
  const fields = parsedOrUndefined(text);
  if (fields === undefined) return text;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new SecretError(
      `The secret "${name}" is JSON, but not an object; aws_secretsmanager_raw gives it as it is.`,
    );
  }
  const names = Object.keys(fields);
  if (!key && names.length !== 1) {
    throw new SecretError(
      names.length === 0
        ? `The secret "${name}" is empty.`
        : `The secret "${name}" has several fields; give the name of one.`,
    );
  }
  const field = key || names[0]!;
  if (!Object.hasOwn(fields, field)) throw new SecretError(`The secret "${name}" has no field "${field}".`);
  const value = (fields as Readonly<Record<string, unknown>>)[field];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new SecretError(`The field "${field}" of the secret "${name}" is not a text, number or bool.`);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  const value = parsedOrUndefined(text);
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
