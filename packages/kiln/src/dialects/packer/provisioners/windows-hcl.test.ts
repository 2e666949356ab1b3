import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../../../plan/step.ts';
import { buildsOf as buildsOfHcl, complaints, readProject } from '../hcl/testing/projects.ts';
import { buildsOf, readTemplate } from '../testing.ts';

const hcl = `
source "null" "win" {
  ssh_host     = "192.0.2.1"
  ssh_username = "Administrator"
  ssh_password = "x"
}
build {
  sources = ["source.null.win"]
  provisioner "powershell" {
    inline            = ["Write-Host \${build.ID}", "exit 0"]
    elevated_user     = build.User
    elevated_password = build.Password
    env               = { A = "x \${build.Host}" }
    valid_exit_codes  = [0, 3010]
    execution_policy  = "allsigned"
    debug_mode        = 1
    skip_clean        = true
    continue_on_error = true
  }
  provisioner "windows-shell" {
    inline           = ["ver"]
    environment_vars = ["A=1"]
    execute_command  = "cmd /c {{ .Vars }}{{ .Path }}"
  }
  provisioner "windows-restart" {
    check_registry        = true
    restart_timeout       = "15m"
    restart_check_command = "echo \${build.Host}"
  }
}
`;

const json = {
  builders: [
    {
      type: 'null',
      name: 'win',
      ssh_host: '192.0.2.1',
      ssh_username: 'Administrator',
      ssh_password: 'x',
    },
  ],
  provisioners: [
    {
      type: 'powershell',
      inline: ['Write-Host {{ build `ID` }}', 'exit 0'],
      elevated_user: '{{ build `User` }}',
      elevated_password: '{{ build `Password` }}',
      env: { A: 'x {{ build `Host` }}' },
      valid_exit_codes: [0, 3010],
      execution_policy: 'allsigned',
      debug_mode: 1,
      skip_clean: true,
      continue_on_error: true,
    },
    {
      type: 'windows-shell',
      inline: ['ver'],
      environment_vars: ['A=1'],
      execute_command: 'cmd /c {{ .Vars }}{{ .Path }}',
    },
    {
      type: 'windows-restart',
      check_registry: true,
      restart_timeout: '15m',
      restart_check_command: 'echo {{ build `Host` }}',
    },
  ],
};

function withoutPlace({ at: _at, ...step }: Step): unknown {
  return step;
}

test('provisioners for Windows mean the same in HCL2 as in JSON', async (t) => {
  const fromHcl = buildsOfHcl(await readProject(t, hcl))[0]!.steps.map(withoutPlace);
  assert.deepEqual(fromHcl, buildsOf(readTemplate(json))[0]!.steps.map(withoutPlace));
});

test('their mistakes are told in HCL2 too', async (t) => {
  const source = 'source "null" "a" {\n  communicator = "winrm"\n}\n';
  const result = await readProject(
    t,
    `${source}build {\n  sources = ["null.a"]\n  provisioner "powershell" {\n    inline = ["x"]\n    debug_mode = 5\n    execution_policy = "no"\n  }\n}\n`,
  );
  const told = complaints(result);
  assert.match(told.join('\n'), /^2:\d+: error: Kiln does not speak WinRM/m);
  assert.match(told.join('\n'), /^8:\d+: error: "debug_mode" is 0, 1 or 2, not 5/m);
  assert.match(told.join('\n'), /^9:\d+: error: "execution_policy" is one of/m);
});
