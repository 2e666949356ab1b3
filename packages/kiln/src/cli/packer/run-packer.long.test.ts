import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kilnVersion } from '../../base/version.ts';
import { packerVersion } from '../../text/packer-version.ts';
import { makeWorkshop } from '../testing.ts';
import { makePackerShop } from './testing.ts';

const overview = `Usage: packer [--version] [--help] <command> [<args>]

Available commands are:
    build           build the images of a template
    console         try out expressions of a template
    fix             bring an old JSON template up to date
    fmt             bring HCL2 files into their canonical format
    hcl2_upgrade    turn a JSON template into one in HCL2
    init            see whether what a template needs is there
    inspect         show what a template consists of
    plugins         look at plugins and what templates require of them
    validate        check that a template is right
    version         show the version

This is Kiln ${kilnVersion} with the command line of Packer ${packerVersion}; see \`kiln --help\` for its own.
`;

test('the version is said in every way that Packer knows', async (t) => {
  const { packer } = makePackerShop(t);
  const said = { code: 0, stdout: `Packer v${packerVersion}\n`, stderr: '' };
  for (const words of [['version'], ['--version'], ['-version'], ['-v'], ['-v', 'build'], ['version', 'x']]) {
    assert.deepEqual(await packer(words), said, words.join(' '));
  }
});

test('rows for programs may be asked for anywhere', async (t) => {
  const { packer } = makePackerShop(t);
  const stdout = [
    `TIME,,version,${packerVersion}`,
    'TIME,,version-prelease,',
    'TIME,,version-commit,',
    `TIME,,ui,say,Packer v${packerVersion}`,
    '',
  ].join('\n');
  assert.deepEqual(await packer(['-machine-readable', 'version']), { code: 0, stdout, stderr: '' });
  assert.deepEqual(await packer(['version', '--machine-readable']), { code: 0, stdout, stderr: '' });
});

test('no command and an unknown one give the help and 127', async (t) => {
  const { packer } = makePackerShop(t);
  assert.deepEqual(await packer([]), { code: 127, stdout: overview, stderr: '' });
  for (const words of [['bild'], ['help'], ['help', 'build'], ['-x'], ['toString']]) {
    assert.deepEqual(await packer(words), { code: 127, stdout: overview, stderr: '' }, words.join(' '));
  }
  assert.deepEqual(await packer(['-h']), { code: 0, stdout: overview, stderr: '' });
});

const upgradeHelp = `Usage: packer hcl2_upgrade [options] TEMPLATE

  Turns a template in JSON into one in HCL2 that does the same. The old one stays as it is.

Options:

  -output-file=path  Where to write the new template; TEMPLATE.pkr.hcl by default.
  -with-annotations  Explain the parts of the new template in comments.
`;

test('a command explains itself, wherever it is asked', async (t) => {
  const { packer } = makePackerShop(t);
  for (const words of [
    ['hcl2_upgrade', '-h'],
    ['hcl2_upgrade', 'x.json', '--help'],
    ['-help', 'hcl2_upgrade'],
    ['hcl2_upgrade', '-foo', '-h'],
  ]) {
    assert.deepEqual(await packer(words), { code: 0, stdout: upgradeHelp, stderr: '' }, words.join(' '));
  }
});

test('a wrong flag gives the usage, what is wrong, and 1', async (t) => {
  const { packer } = makePackerShop(t);
  assert.deepEqual(await packer(['hcl2_upgrade', '-foo', 'x.json']), {
    code: 1,
    stdout: `${upgradeHelp}flag provided but not defined: -foo\n`,
    stderr: '',
  });
  const { code, stdout } = await packer(['-machine-readable', 'hcl2_upgrade', '-with-annotations=x']);
  assert.equal(code, 1);
  const rows = stdout.split('\n');
  assert.match(rows[0]!, /^TIME,,ui,say,Usage: packer hcl2_upgrade \[options\] TEMPLATE\\n/);
  assert.deepEqual(rows.slice(1), [
    'TIME,,ui,error,invalid boolean value "x" for -with-annotations: parse error',
    '',
  ]);
});

test('too few and too many templates give the usage and 1', async (t) => {
  const { packer } = makePackerShop(t);
  assert.deepEqual(await packer(['hcl2_upgrade']), { code: 1, stdout: upgradeHelp, stderr: '' });
  assert.deepEqual(await packer(['hcl2_upgrade', 'a', '-output-file=b']), {
    code: 1,
    stdout: `${upgradeHelp}flags must stand before the template, and -output-file=b does not\n`,
    stderr: '',
  });
});

test('flags before the command are refused', async (t) => {
  const { packer } = makePackerShop(t);
  const { code, stdout } = await packer(['-output-file=b', 'hcl2_upgrade', 'x']);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `-output-file=b must stand behind the command, as in: packer hcl2_upgrade -output-file=b\n\n${upgradeHelp}`,
  );
});

test('a template that is not there is said on standard output', async (t) => {
  const { packer } = makePackerShop(t);
  assert.deepEqual(await packer(['build', 'no.json']), {
    code: 1,
    stdout: 'Error: there is no file or folder no.json\n\n',
    stderr: '',
  });
  assert.deepEqual(await packer(['-machine-readable', 'validate', 'no.json']), {
    code: 1,
    stdout: 'TIME,,ui,error,Error: there is no file or folder no.json\\n\n',
    stderr: '',
  });
});

test('the subcommands of plugins are known by both names', async (t) => {
  const { packer } = makePackerShop(t);
  const help = await packer(['plugins', '-h']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: packer plugins <subcommand>/);
  assert.deepEqual(await packer(['plugins']), { ...help, code: 1 });
  assert.deepEqual(await packer(['plugin', 'installed']), { code: 0, stdout: '', stderr: '' });
});

test('the help of fix lists what is fixed', async (t) => {
  const { packer } = makePackerShop(t);
  const { stdout } = await packer(['fix', '-h']);
  assert.match(stdout, /^ {4}iso-md5 +Replaces "iso_md5"/m);
  assert.match(stdout, /^ {4}proxmox-type +Renames the builder "proxmox" to "proxmox-iso"$/m);
});

test('kiln packer is the same without a link', async (t) => {
  const { kiln } = makeWorkshop(t);
  const stdout = `Packer v${packerVersion}\n`;
  assert.deepEqual(await kiln('packer', 'version'), { code: 0, stdout, stderr: '' });
  assert.deepEqual(await kiln('packer', '--help'), { code: 0, stdout: overview, stderr: '' });
  assert.equal((await kiln('packer', 'bild')).code, 127);
  assert.match((await kiln('help', 'packer')).stdout, /^Run Packer's command line\.\n/);
});

test('PACKER_LOG tells everything but the values of variables', async (t) => {
  const { packer, read } = makePackerShop(t, {
    't.json': '{"variables":{"a":""},"builders":[{"type":"null","communicator":"none"}]}',
  });
  const words = ['validate', '-var', 'a=s3cret', '--var=a=s3cret', 't.json'];
  const silent = await packer(words, { env: { PACKER_LOG: '0' } });
  assert.deepEqual(silent, { code: 0, stdout: 'The configuration is valid.\n', stderr: '' });
  const loud = await packer(words, { env: { PACKER_LOG: '1' } });
  assert.equal(loud.stdout, silent.stdout);
  assert.match(
    loud.stderr,
    /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d kiln packer "validate" "-var" "a=…" "--var=a=…" "t.json" in FOLDER$/m,
  );
  assert.match(loud.stderr, /ui: The configuration is valid\.$/m);
  assert.doesNotMatch(loud.stderr, /s3cret/);
  const toFile = await packer(words, { env: { PACKER_LOG: '1', PACKER_LOG_PATH: 'packer.log' } });
  assert.deepEqual(toFile, silent);
  assert.match(read('packer.log'), /ui: The configuration is valid\.\n$/);
});
