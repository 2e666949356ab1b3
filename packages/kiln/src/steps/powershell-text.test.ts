import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elevatedRunner } from './elevated-runner.ts';
import {
  encodedCommand,
  inDoubleQuotes,
  inlinePowershell,
  powershellLiteral,
  powershellPath,
  scriptBytes,
} from './powershell-text.ts';

test('what means something in double quotes is escaped once, typographic quotes as well', () => {
  assert.equal(inDoubleQuotes('a$b `c` "d" \'e\''), 'a`$b ``c`` `"d`" `\'e`\'');
  assert.equal(inDoubleQuotes('“x” ‘y’'), '`“x`” `‘y`’');
  assert.equal(inDoubleQuotes('plain\nlines'), 'plain\nlines');
});

test('in single quotes only quotes are doubled', () => {
  assert.equal(powershellLiteral("it's $x `y` ’"), "'it''s $x `y` ’’'");
});

test('a path is quoted when it needs to be', () => {
  assert.equal(powershellPath('c:/Windows/Temp/a-b.ps1'), 'c:/Windows/Temp/a-b.ps1');
  assert.equal(powershellPath('C:/Program Files/x'), "'C:/Program Files/x'");
});

test('only text beyond ASCII begins with a byte order mark', () => {
  assert.deepEqual(scriptBytes('abc'), Buffer.from('abc'));
  assert.deepEqual(scriptBytes('é'), Buffer.from([0xef, 0xbb, 0xbf, 0xc3, 0xa9]));
});

test('an encoded command is UTF-16 in base64, without progress bars', () => {
  const [program, option, encoded] = encodedCommand('echo é').split(' ');
  assert.deepEqual([program, option], ['powershell.exe', '-EncodedCommand']);
  assert.equal(
    Buffer.from(encoded!, 'base64').toString('utf16le'),
    "$ProgressPreference = 'SilentlyContinue';echo é",
  );
});

test('inline lines stand as they are in a script that fails when one of them does', () => {
  assert.equal(
    inlinePowershell("@'\nhere\n'@\nexit 3\n", '$env:A="b"; ', 1),
    `$global:ProgressPreference = 'SilentlyContinue'
Set-PSDebug -Trace 1
$kilnExitCode = 0
try {
$env:A="b"; 
@'
here
'@
exit 3

} catch {
Write-Error -ErrorRecord $_ -ErrorAction Continue
$kilnExitCode = 1
}
if ((Test-Path variable:global:LASTEXITCODE) -and $global:LASTEXITCODE) { $kilnExitCode = $global:LASTEXITCODE }
exit $kilnExitCode
`,
  );
  assert.ok(!inlinePowershell('x', '', 0).includes('PSDebug'));
});

const run = { user: "DOM\\o'neil", password: "it's $ecret", command: 'x > "y" & z', path: 'C:/x.ps1' };

test('the runner of elevated commands holds user, password and command in the quotes of each place', () => {
  const script = elevatedRunner(run);
  assert.match(script, /<UserId>DOM\\o&#39;neil<\/UserId>/);
  assert.match(script, /<LogonType>Password<\/LogonType>/);
  const arguments_ = /<Arguments>(.*)<\/Arguments>/.exec(script)![1]!;
  const output = /%SYSTEMROOT%\/Temp\/packer-[\da-f-]{36}\.out/.exec(script)![0];
  assert.equal(arguments_, `/c x &#62; &#34;y&#34; &#38; z &#62; ${output} 2&#62;&#38;1`);
  assert.match(script, /\$createOrUpdate, 'DOM\\o''neil', 'it''s \$ecret', \$logonType, \$null\)/);
  assert.match(script, /\$logonType = 1 /);
  assert.match(script, /Remove-Item -LiteralPath 'C:\/x\.ps1' -Force/);
});

test('a service account has no password and no kind of login', () => {
  const script = elevatedRunner({ ...run, user: 'SYSTEM', password: '' });
  assert.doesNotMatch(script, /LogonType>/);
  assert.match(script, /\$logonType = 5 /);
  assert.match(script, /'SYSTEM', \$null, \$logonType/);
});

test('nothing that a template brings ends the runner’s quotation of its task', () => {
  const script = elevatedRunner({ ...run, user: "a\n'@\nRemove-Item x", command: "b\n'@\nc" });
  assert.equal(script.match(/^'@/gm)!.length, 1);
});
