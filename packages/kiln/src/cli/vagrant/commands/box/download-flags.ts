import { resolve } from 'node:path';
import type { BoxDownload } from '../../../../plan/image-ref.ts';
import { defineRubyFlags, type RubyFlagValues } from '../../ruby-flags.ts';

/** How to talk to the server that boxes and catalogues come from. */
export const downloadFlags = defineRubyFlags({
  insecure: { type: 'switch', description: 'Take any certificate.' },
  cacert: { type: 'text', value: 'FILE', description: 'Certificates of who may sign for the server.' },
  capath: { type: 'text', value: 'DIR', description: 'A folder of such certificates.' },
  cert: { type: 'text', value: 'FILE', description: "A client's certificate, with its key." },
});

/** @param folder what paths are relative to */
export function boxDownload(
  flags: RubyFlagValues<typeof downloadFlags> & { readonly 'location-trusted'?: boolean | undefined },
  folder: string,
): BoxDownload {
  const path = (given: string) => resolve(folder, given);
  return {
    ...(flags.insecure && { insecure: true }),
    ...(flags.cacert !== undefined && { caFile: path(flags.cacert) }),
    ...(flags.capath !== undefined && { caFolder: path(flags.capath) }),
    ...(flags.cert !== undefined && { clientCertificate: path(flags.cert) }),
    ...(flags['location-trusted'] && { trustLocation: true }),
  };
}
