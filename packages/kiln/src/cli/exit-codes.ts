/** How `kiln` ends. Scripts may rely on these. */
export const exitCodes = {
  ok: 0,
  /** Something that was asked for did not work. */
  failed: 1,
  /** The command line was not understood; nothing was done. */
  usage: 2,
  /** Ended by Ctrl-C or a signal, after everything was cleaned up. */
  cancelled: 130,
} as const;

export const exitCodeMeanings: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'everything that was asked for was done'],
  [exitCodes.failed, 'something failed; the message says what'],
  [exitCodes.usage, 'the command line was not understood; nothing was done'],
  [exitCodes.cancelled, 'ended by Ctrl-C or a signal, after cleaning up'],
];
