/*
 * How PowerShell reads text: about_Quoting_Rules and about_Special_Characters. The typographic quotes of Unicode mean
 * the same to it as the plain ones.
 */

/** A value between the double quotes of a format such as `$env:%s="%s"; `. */
export function inDoubleQuotes(value: string): string {
  return value.replace(/[`$"'\u2018-\u201b\u201c-\u201e]/g, '`$&');
}

/** A text in single quotes, in which nothing but a quote has a meaning. */
export function powershellLiteral(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}

/** A path as an argument: plain ones as they are. */
export function powershellPath(path: string): string {
  return /^[\w:./\\~-]+$/.test(path) ? path : powershellLiteral(path);
}

/** The bytes of a script. Windows PowerShell takes text for UTF-8 only when it begins with a byte order mark. */
export function scriptBytes(text: string): Buffer {
  const isAscii = /^[\0-\x7f]*$/.test(text);
  return Buffer.from(isAscii ? text : `\ufeff${text}`);
}

/** A command line that runs a script which needs no quoting this way. Progress bars would come as errors. */
export function encodedCommand(script: string): string {
  const encoded = Buffer.from(`$ProgressPreference = 'SilentlyContinue';${script}`, 'utf16le');
  return `powershell.exe -EncodedCommand ${encoded.toString('base64')}`;
}

/**
 * Inline lines as a script that fails when a line does: PowerShell itself goes on after most errors and then ends with
 * 0. A program's exit code other than 0 counts when it is the last one.
 * @param assignments statements that set the environment
 * @param debugLevel 0 for none
 */
export function inlinePowershell(lines: string, assignments: string, debugLevel: number): string {
  return [
    "$global:ProgressPreference = 'SilentlyContinue'",
    ...(debugLevel > 0 ? [`Set-PSDebug -Trace ${debugLevel}`] : []),
    '$kilnExitCode = 0',
    'try {',
    assignments,
    lines,
    '} catch {',
    'Write-Error -ErrorRecord $_ -ErrorAction Continue',
    '$kilnExitCode = 1',
    '}',
    // A strict mode that the lines have set forbids to ask for a variable that was never set.
    'if ((Test-Path variable:global:LASTEXITCODE) -and $global:LASTEXITCODE) { $kilnExitCode = $global:LASTEXITCODE }',
    'exit $kilnExitCode',
    '',
  ].join('\n');
}
