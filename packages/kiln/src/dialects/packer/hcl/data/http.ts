import {
  mapType,
  mapValue,
  objectType,
  objectValue,
  stringType,
  stringValue,
  unmarkedDeep,
  type Value,
} from '@kiln/hcl';
import { KilnError } from '../../../../base/errors.ts';
import { nearest } from '../../../../base/suggest.ts';
import { withoutCredentials } from '../../../../sources/image-url.ts';
import type { DataSource } from './data-source.ts';
import { request } from './http-request.ts';

const methods = ['HEAD', 'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/** Packer's data source http (https://developer.hashicorp.com/packer/docs/datasources/http). */
export const httpDataSource: DataSource = {
  schema: {
    attributes: [
      { name: 'url', required: true },
      { name: 'method' },
      { name: 'request_headers' },
      { name: 'request_body' },
    ],
  },
  resultType: objectType([
    ['url', stringType],
    ['body', stringType],
    ['request_headers', mapType(stringType)],
  ]),
  prepare: ({ value, error, env }) => {
    const url = value('url', stringType);
    const method = textOf(value('method', stringType)) || 'GET';
    const headers = value('request_headers', mapType(stringType));
    const body = textOf(value('request_body', stringType));
    if (!methods.includes(method)) {
      const near = nearest(method, methods);
      const hint = near ? `did you mean "${near}"?` : `it is one of ${methods.join(', ')}`;
      error('method', `"${method}" is no method of HTTP`, hint);
      return undefined;
    }
    if (!url) return undefined;
    const target = URL.parse(textOf(url) ?? '');
    if (!target || !/^https?:$/.test(target.protocol)) {
      error('url', `"${textOf(url) ?? ''}" is not the URL of a page`, 'it begins with http:// or https://');
      return undefined;
    }
    return async () => {
      const answer = await request(target, {
        method,
        headers: headersOf(headers),
        ...(body !== '' && { body }),
        env,
      });
      if (answer.status < 200 || answer.status > 299) {
        throw new KilnError(
          'download-failed',
          `${withoutCredentials(target)} answers ${answer.status} ${answer.reason}`.trim(),
        );
      }
      const given = Object.entries(answer.headers).map(([name, text]) => [name, stringValue(text)] as const);
      return objectValue([
        ['url', url],
        ['body', stringValue(answer.body)],
        ['request_headers', mapValue(stringType, given)],
      ]);
    };
  },
};

function textOf(value: Value | undefined): string {
  return value?.kind === 'string' ? value.value : '';
}

function headersOf(value: Value | undefined): Readonly<Record<string, string>> {
  if (!value) return {};
  const { value: plain } = unmarkedDeep(value);
  if (plain.kind !== 'map') return {};
  return Object.fromEntries([...plain.entries].map(([name, inner]) => [name, textOf(inner)]));
}
