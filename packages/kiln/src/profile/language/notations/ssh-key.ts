/** What is wrong with a line of authorized_keys, if anything; sshd(8) has the format. */
export function sshKeyProblem(line: string): { readonly problem: string; readonly hint: string } | undefined {
  if (/PRIVATE KEY/.test(line)) {
    return {
      problem: 'this is a private key, which belongs to nobody but its owner',
      hint: 'give the public one, whose file ends with .pub; and make a new pair if this one was shared',
    };
  }
  const match = keyLine.exec(line);
  if (!match) {
    return {
      problem: `${JSON.stringify(shortened(line))} is not a public SSH key`,
      hint: 'a key is one line like "ssh-ed25519 AAAA… comment", or the path of a .pub file',
    };
  }
  const [, type, data] = match;
  const bytes = Buffer.from(data!, 'base64');
  // The data begins with the length and the text of the type once more (RFC 4253, 6.6).
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  const inner = bytes.subarray(4, 4 + length).toString('latin1');
  if (inner !== type || bytes.toString('base64').replace(/=+$/, '') !== data!.replace(/=+$/, '')) {
    return {
      problem: `the SSH key ${JSON.stringify(shortened(line))} is damaged`,
      hint: 'copy the whole line of the .pub file again',
    };
  }
  return undefined;
}

/** Whether a text is meant as a key, rather than as the path of a file with keys. */
export function looksLikeSshKey(text: string): boolean {
  return /\s/.test(text.trim()) || /^(?:ssh-|ecdsa-|sk-)/.test(text) || text.includes('PRIVATE KEY');
}

/** Options may stand in front; texts in them may have spaces. */
const keyLine =
  /^(?:(?:[a-z0-9-]+(?:="(?:[^"\\]|\\.)*")?)(?:,[a-z0-9-]+(?:="(?:[^"\\]|\\.)*")?)*\s+)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/]{20,}={0,3})(?:\s.*)?$/i;

function shortened(line: string): string {
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
