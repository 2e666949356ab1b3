import { ServiceError } from '../service-error.ts';

/** A channel's name as it is kept. Any may be used; dev, staging and production are what people expect. @throws ServiceError 400 */
export function channelName(text: string): string {
  const name = text.toLowerCase();
  if (/^[a-z][a-z0-9-]{0,39}$/.test(name) && name !== 'latest') return name;
  throw new ServiceError(
    400,
    'InvalidParameter',
    `"${text}" cannot be the name of a channel: 40 letters, digits and dashes at most, a letter first, and not "latest"`,
    { target: 'channel' },
  );
}
