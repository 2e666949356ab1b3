import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Plan } from '../../../plan/plan.ts';
import { planHash } from '../../../plan/plan-hash.ts';
import { readPackerJson } from '../json/read-packer-json.ts';
import { complaints, readProject, writeProject } from './testing/projects.ts';

const native = `
variable "image" { default = "base.qcow2" }
variable "password" {
  type      = string
  sensitive = true
}
source "qemu" "web" {
  disk_image       = true
  iso_url          = var.image
  iso_checksum     = "none"
  ssh_username     = "debian"
  ssh_password     = var.password
  headless         = true
  memory           = 1024
  cpus             = 2
  disk_size        = "8G"
  shutdown_command = "echo \${var.password} | sudo -S poweroff"
  boot_command     = ["<enter>", "http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed"]
  qemuargs         = [["-m", "1G"], ["-name", "{{ .Name }}"]]
  qemu_img_args {
    convert = ["-o", "preallocation=off"]
  }
}
source "file" "note" {
  target  = "note.txt"
  content = "made of \${var.image}"
}
build {
  sources = ["source.qemu.web", "file.note"]
  provisioner "shell" {
    inline           = ["echo \${source.name} has \${build.ID}", "true"]
    environment_vars = ["A=1", "HOST=\${build.Host}"]
    max_retries      = 2
    timeout          = "10m"
    pause_before     = "5s"
    valid_exit_codes = [0, 3]
    override = {
      note = { inline = ["echo nothing to do"] }
    }
  }
  provisioner "file" {
    only        = ["qemu.web"]
    source      = "motd"
    destination = "/etc/motd"
  }
  error-cleanup-provisioner "shell-local" {
    command = "echo failed"
  }
  post-processor "manifest" {
    custom_data = { id = build.ID, image = var.image }
  }
  post-processors {
    post-processor "checksum" {
      checksum_types      = ["sha256"]
      keep_input_artifact = true
    }
    post-processor "compress" {
      name   = "pack"
      output = "{{ .BuildName }}.tar.gz"
    }
  }
}
`;

const inJson = {
  variable: { image: { default: 'base.qcow2' }, password: { type: 'string', sensitive: true } },
  source: {
    qemu: {
      web: {
        disk_image: true,
        iso_url: '${var.image}',
        iso_checksum: 'none',
        ssh_username: 'debian',
        ssh_password: '${var.password}',
        headless: true,
        memory: 1024,
        cpus: 2,
        disk_size: '8G',
        shutdown_command: 'echo ${var.password} | sudo -S poweroff',
        boot_command: ['<enter>', 'http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed'],
        qemuargs: [
          ['-m', '1G'],
          ['-name', '{{ .Name }}'],
        ],
        qemu_img_args: { convert: ['-o', 'preallocation=off'] },
      },
    },
    file: { note: { target: 'note.txt', content: 'made of ${var.image}' } },
  },
  build: {
    sources: ['source.qemu.web', 'file.note'],
    provisioner: [
      {
        shell: {
          inline: ['echo ${source.name} has ${build.ID}', 'true'],
          environment_vars: ['A=1', 'HOST=${build.Host}'],
          max_retries: 2,
          timeout: '10m',
          pause_before: '5s',
          valid_exit_codes: [0, 3],
          override: { note: { inline: ['echo nothing to do'] } },
        },
      },
      { file: { only: ['qemu.web'], source: 'motd', destination: '/etc/motd' } },
    ],
    'error-cleanup-provisioner': { 'shell-local': { command: 'echo failed' } },
    'post-processor': { manifest: { custom_data: { id: '${build.ID}', image: '${var.image}' } } },
    'post-processors': {
      'post-processor': [
        { checksum: { checksum_types: ['sha256'], keep_input_artifact: true } },
        { compress: { name: 'pack', output: '{{ .BuildName }}.tar.gz' } },
      ],
    },
  },
};

const legacy = {
  variables: { image: 'base.qcow2', password: null },
  'sensitive-variables': ['password'],
  builders: [
    {
      name: 'web',
      type: 'qemu',
      disk_image: true,
      iso_url: '{{ user `image` }}',
      iso_checksum: 'none',
      ssh_username: 'debian',
      ssh_password: '{{ user `password` }}',
      headless: 'true',
      memory: '1024',
      cpus: 2,
      disk_size: '8G',
      shutdown_command: 'echo {{ user `password` }} | sudo -S poweroff',
      boot_command: ['<enter>', 'http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed'],
      qemuargs: [
        ['-m', '1G'],
        ['-name', '{{ .Name }}'],
      ],
      qemu_img_args: { convert: ['-o', 'preallocation=off'] },
    },
    { name: 'note', type: 'file', target: 'note.txt', content: 'made of {{ user `image` }}' },
  ],
  provisioners: [
    {
      type: 'shell',
      inline: ['echo web has {{ build `ID` }}', 'true'],
      environment_vars: ['A=1', 'HOST={{ build `Host` }}'],
      max_retries: '2',
      timeout: '10m',
      pause_before: '5s',
      valid_exit_codes: [0, 3],
      override: { note: { inline: ['echo nothing to do'] } },
    },
    { type: 'file', only: ['web'], source: 'motd', destination: '/etc/motd' },
  ],
  'error-cleanup-provisioner': { type: 'shell-local', command: 'echo failed' },
  'post-processors': [
    { type: 'manifest', custom_data: { id: '{{ build `ID` }}', image: '{{ user `image` }}' } },
    [
      { type: 'checksum', checksum_types: ['sha256'], keep_input_artifact: true },
      { type: 'compress', name: 'pack', output: '{{ .BuildName }}.tar.gz' },
    ],
  ],
};

const startedAt = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

async function legacyPlan(folder: string, template: unknown, password: string): Promise<Plan> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'motd'), 'hello\n');
  const { plan, diagnostics } = readPackerJson({
    file: 'web.json',
    text: JSON.stringify(template),
    cwd: folder,
    env: {},
    variables: { password },
    variableFiles: [],
    only: [],
    except: [],
    startedAt,
  });
  assert.ok(plan, JSON.stringify(diagnostics));
  return plan;
}

test('the same project in HCL2, in HCL2 written as JSON and in the old JSON is the same plan', async (t) => {
  const variables = { password: 'geheim' };
  const fromNative = await readProject(t, { 'a.pkr.hcl': native, motd: 'hello\n' }, { variables });
  const fromJson = await readProject(
    t,
    { 'b.pkr.json': JSON.stringify(inJson), motd: 'hello\n' },
    { variables, startedAt },
  );
  assert.deepEqual([...complaints(fromNative), ...complaints(fromJson)], []);
  assert.ok(fromNative.plan && fromJson.plan);
  const folder = await writeProject(t, {});
  const fromLegacy = await legacyPlan(join(folder, 'elsewhere'), legacy, 'geheim');
  const hash = planHash(fromLegacy);
  assert.equal(planHash(fromNative.plan), hash);
  assert.equal(planHash(fromJson.plan), hash);

  // The value of a secret does not count, everything else does.
  assert.equal(planHash(await legacyPlan(folder, legacy, 'anders')), hash);
  const others: readonly (readonly [string, string])[] = [
    ['memory           = 1024', 'memory           = 1025'],
    ['"true"]', '"false"]'],
    ['max_retries      = 2', 'max_retries      = 3'],
    ['"sha256"', '"sha1"'],
    ['-S poweroff', '-S halt'],
    ['"note"', '"other"'],
  ];
  for (const [old, fresh] of others) {
    const changed = native
      .replace(old, fresh)
      .replace('file.note', fresh === '"other"' ? 'file.other' : 'file.note');
    const other = await readProject(t, { 'a.pkr.hcl': changed, motd: 'hello\n' }, { variables });
    assert.ok(other.plan, complaints(other).join('\n'));
    assert.notEqual(planHash(other.plan), hash, fresh);
  }
});
