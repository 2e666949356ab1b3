import type {
  FileStep,
  PowershellStep,
  ShellLocalStep,
  ShellStep,
  WindowsRestartStep,
  WindowsShellStep,
} from '../../plan/step.ts';

const base = { pauseBefore: 0, timeout: 0, maxRetries: 0 } as const;

/** A `shell` step as Packer's defaults make it, with these lines. */
export function shellStep(lines: readonly string[], changes: Partial<ShellStep> = {}): ShellStep {
  return {
    ...base,
    kind: 'shell',
    script: { kind: 'inline', lines },
    inlineShebang: '/bin/sh -e',
    environment: [],
    environmentFormat: changes.useEnvironmentFile ? "export %s='%s'\n" : "%s='%s' ",
    useEnvironmentFile: false,
    environmentFileFolder: '/tmp',
    executeCommand: {
      kind: 'template',
      source: changes.useEnvironmentFile
        ? 'chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}'
        : 'chmod +x {{.Path}}; {{.Vars}} {{.Path}}',
    },
    remoteFolder: '/tmp',
    skipClean: false,
    expectDisconnect: false,
    startRetryTimeout: 300_000,
    validExitCodes: [0],
    binary: false,
    pauseAfter: 0,
    ...changes,
  };
}

/** A `powershell` step as Packer's defaults make it, with these lines. */
export function powershellStep(
  lines: readonly string[],
  changes: Partial<PowershellStep> = {},
): PowershellStep {
  return {
    ...base,
    kind: 'powershell',
    script: { kind: 'inline', lines },
    environment: [],
    environmentFormat: '$env:%s="%s"; ',
    executeCommand: { kind: 'template', source: 'powershell -executionpolicy bypass -file {{.Path}}' },
    debugLevel: 0,
    skipClean: false,
    startRetryTimeout: 300_000,
    validExitCodes: [0],
    pauseAfter: 0,
    ...changes,
  };
}

export function windowsShellStep(
  lines: readonly string[],
  changes: Partial<WindowsShellStep> = {},
): WindowsShellStep {
  return {
    ...base,
    kind: 'windows-shell',
    script: { kind: 'inline', lines },
    environment: [],
    environmentFormat: 'set "%s=%s" && ',
    executeCommand: { kind: 'template', source: '{{.Vars}}"{{.Path}}"' },
    remotePath: 'c:/Windows/Temp/script.bat',
    startRetryTimeout: 300_000,
    validExitCodes: [0],
    ...changes,
  };
}

export function windowsRestartStep(changes: Partial<WindowsRestartStep> = {}): WindowsRestartStep {
  return {
    ...base,
    kind: 'windows-restart',
    restartCommand: 'shutdown /r /f /t 0 /c "packer restart"',
    restartTimeout: 300_000,
    registryKeys: [],
    ...changes,
  };
}

export function shellLocalStep(
  lines: readonly string[],
  changes: Partial<ShellLocalStep> = {},
): ShellLocalStep {
  return {
    ...base,
    kind: 'shell-local',
    script: { kind: 'inline', lines },
    inlineShebang: '/bin/sh -e',
    environment: [],
    environmentFormat: "%s='%s' ",
    executeCommand: ['/bin/sh', '-c', { kind: 'template', source: '{{.Vars}} {{.Script}}' }],
    validExitCodes: [0],
    tempfileExtension: '',
    onlyOn: [],
    ...changes,
  };
}

export function fileStep(changes: Partial<FileStep>): FileStep {
  return {
    ...base,
    kind: 'file',
    direction: 'upload',
    sources: [],
    destination: '',
    generated: false,
    ...changes,
  };
}
