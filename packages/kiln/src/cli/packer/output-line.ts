/**
 * A line that a script printed, as Packer shows it: what a carriage return overwrote is gone. Colours stay, and so do
 * tabs, but nothing that moves the cursor or does more to a terminal.
 */
export function outputLine(line: string): string {
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  return last.replace(escapes, (sequence) => (colors.test(sequence) ? sequence : ''));
}

/** Escape sequences (ECMA-48: CSI, OSC and other strings, short ones) and control characters but for tabs. */
const escapes =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][\s\S]*?(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

const colors = /^\x1b\[[\d;:]*m$/;
