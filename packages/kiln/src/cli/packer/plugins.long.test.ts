import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { makePackerShop } from './testing.ts';

const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
const platform = process.platform === 'darwin' ? 'darwin' : 'linux';

/** Puts a program in the place of a plugin that describes itself as one. */
function installPlugin(
  folder: string,
  source: string,
  version: string,
  { described = version, api = 'x5.0', checksum = true } = {},
): string {
  const name = source.split('/').at(-1)!;
  const path = join(folder, source, `packer-plugin-${name}_v${version}_${api}_${platform}_${architecture}`);
  mkdirSync(dirname(path), { recursive: true });
  const answer = JSON.stringify({ version: described, api_version: api, builders: [] });
  writeFileSync(path, `#!/bin/sh\n[ "$1" = describe ] && echo '${answer}'\n`);
  chmodSync(path, 0o755);
  const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
  writeFileSync(`${path}_SHA256SUM`, checksum ? sum : sum.replace(/^./, 'g'));
  return path;
}

const template = `
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.0.0, < 2"
    }
    mystery = {
      source  = "github.com/someone/mystery"
      version = "~> 1.2"
    }
  }
}
variable "needed" {}
source "qemu" "a" {}
build {
  sources = ["qemu.a"]
  provisioner "shell" {}
}
`;

test('installed plugins are those that Packer would find', async (t) => {
  const { packer, folder } = makePackerShop(t);
  const plugins = join(folder, 'plugins');
  installPlugin(plugins, 'github.com/someone/good', '1.2.3');
  installPlugin(plugins, 'github.com/someone/good', '1.10.0-dev');
  installPlugin(plugins, 'github.com/someone/beta', '1.0.0-beta');
  installPlugin(plugins, 'github.com/someone/changed', '1.0.0', { checksum: false });
  installPlugin(plugins, 'github.com/someone/liar', '1.0.0', { described: '2.0.0' });
  installPlugin(plugins, 'github.com/someone/newer', '1.0.0', { api: 'x5.1' });
  installPlugin(plugins, 'someone/short', '1.0.0');
  writeFileSync(join(plugins, 'packer-plugin-old'), '');
  const { code, stdout } = await packer(['plugins', 'installed'], { env: { PACKER_PLUGIN_PATH: plugins } });
  assert.equal(code, 0);
  const end = `x5.0_${platform}_${architecture}`;
  const good = 'FOLDER/plugins/github.com/someone/good/packer-plugin-good';
  assert.equal(stdout, `${good}_v1.10.0-dev_${end}\n${good}_v1.2.3_${end}\n`);
});

test('plugins are looked for where Packer keeps them', async (t) => {
  const { packer, folder, env } = makePackerShop(t);
  const installed = async (more: Readonly<Record<string, string>>) =>
    (await packer(['plugins', 'installed'], { env: more })).stdout.replaceAll(env['HOME']!, 'HOME');
  const name = `packer-plugin-x_v1.0.0_x5.0_${platform}_${architecture}`;
  installPlugin(join(env['HOME']!, '.config/packer/plugins'), 'github.com/a/x', '1.0.0');
  assert.equal(await installed({}), `HOME/.config/packer/plugins/github.com/a/x/${name}\n`);
  installPlugin(join(folder, 'xdg/packer/plugins'), 'github.com/b/x', '1.0.0');
  const xdg = { XDG_CONFIG_HOME: join(folder, 'xdg') };
  assert.equal(await installed(xdg), `FOLDER/xdg/packer/plugins/github.com/b/x/${name}\n`);
  installPlugin(join(env['HOME']!, '.packer.d/plugins'), 'github.com/c/x', '1.0.0');
  assert.equal(await installed(xdg), `HOME/.packer.d/plugins/github.com/c/x/${name}\n`);
  installPlugin(join(folder, 'own/.packer.d/plugins'), 'github.com/d/x', '1.0.0');
  const own = { PACKER_CONFIG_DIR: join(folder, 'own') };
  assert.equal(await installed(own), `FOLDER/own/.packer.d/plugins/github.com/d/x/${name}\n`);
});

test('plugins that a template asks for are listed with those that would do', async (t) => {
  const { packer, folder } = makePackerShop(t, { 'main.pkr.hcl': template, 't.json': '{"builders":[]}' });
  const plugins = join(folder, 'plugins');
  installPlugin(plugins, 'github.com/hashicorp/qemu', '1.1.0');
  installPlugin(plugins, 'github.com/hashicorp/qemu', '2.0.0');
  const env = { PACKER_PLUGIN_PATH: plugins };
  const { code, stdout } = await packer(['plugins', 'required', '.'], { env });
  assert.equal(code, 0);
  const path = `FOLDER/plugins/github.com/hashicorp/qemu/packer-plugin-qemu_v1.1.0_x5.0_${platform}_${architecture}`;
  assert.equal(
    stdout,
    `qemu github.com/hashicorp/qemu ">= 1.0.0,< 2" ${path}\nmystery github.com/someone/mystery "~> 1.2"\n`,
  );
  assert.equal((await packer(['plugins', 'required', 't.json'], { env })).code, 1);
});

test('init says what is built in, and needs no values', async (t) => {
  const { packer } = makePackerShop(t, { 'main.pkr.hcl': template });
  assert.deepEqual(await packer(['init', '-upgrade', '.']), {
    code: 0,
    stdout: `github.com/hashicorp/qemu: Kiln has the builder qemu built in
github.com/someone/mystery: the template uses nothing of it
`,
    stderr: '',
  });
});

test('init fails when something that the template uses is not built in', async (t) => {
  const { packer } = makePackerShop(t, {
    'main.pkr.hcl': template.replace('provisioner "shell"', 'provisioner "mystery-box"'),
    'wrong.pkr.hcl': 'packer {\n  required_plugins {\n    a = { source = "a", version = "x" }\n  }\n}\n',
    't.json': '{"builders":[]}',
  });
  assert.deepEqual(await packer(['init', 'main.pkr.hcl']), {
    code: 1,
    stdout: `github.com/hashicorp/qemu: Kiln has the builder qemu built in
Error: Kiln does not have the provisioner mystery-box of github.com/someone/mystery, and cannot run plugins yet

  on main.pkr.hcl line 8, column 15:
   8:     mystery = {
                    ^

Build the rest of the template with -only or -except, or this part with Packer.

`,
    stderr: '',
  });
  const wrong = await packer(['init', 'wrong.pkr.hcl']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /"a" is no source of a plugin/);
  assert.match(wrong.stdout, /"x" is no condition on a version/);
  const json = await packer(['init', 't.json']);
  assert.equal(json.code, 1);
  assert.match(
    json.stdout,
    /^Error: t\.json is a template in JSON, which cannot say what plugins it needs\n/,
  );
});

test('plugins are neither installed nor removed, and it is said what to do', async (t) => {
  const { packer, folder } = makePackerShop(t);
  const plugins = join(folder, 'plugins');
  const path = installPlugin(plugins, 'github.com/someone/mystery', '1.0.0');
  const env = { PACKER_PLUGIN_PATH: plugins };
  const builtIn = await packer(['plugins', 'install', 'github.com/hashicorp/qemu', 'v1.0.0'], { env });
  assert.deepEqual(builtIn, {
    code: 0,
    stdout: 'Kiln has the builder qemu of github.com/hashicorp/qemu built in: there is nothing to install.\n',
    stderr: '',
  });
  const install = await packer(['plugins', 'install', 'github.com/someone/mystery'], { env });
  assert.equal(install.code, 1);
  assert.match(
    install.stdout,
    /^Error: Kiln does not run plugins, so github\.com\/someone\/mystery was not installed\n/,
  );
  const remove = await packer(['plugins', 'remove', 'github.com/someone/mystery'], { env });
  assert.equal(remove.code, 1);
  assert.ok(remove.stdout.includes(`  ${path.replace(folder, 'FOLDER')}_SHA256SUM\n`), remove.stdout);
  assert.match(readFileSync(path, 'utf8'), /describe/);
});
