/** A script, or another small file, that this host fetches each time before it is used. */
export interface ScriptDownload {
  readonly url: string;
  /** Its content must have all of them; hexadecimal in lower case. */
  readonly digests: readonly {
    readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
    readonly hex: string;
  }[];
}
