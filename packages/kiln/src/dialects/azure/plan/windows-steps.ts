import { parseDuration } from '../../../base/durations.ts';
import type { PowershellStep, StepBase, WindowsRestartStep } from '../../../plan/step.ts';
import type { Text } from '../../../plan/text.ts';
import type {
  PowerShellCustomizer,
  WindowsRestartCustomizer,
  WindowsUpdateCustomizer,
} from '../model/image-template.ts';
import type { FoundFile } from './local-file.ts';

const environmentFormat = '$env:%s="%s"; ';

/** PowerShell says by the exit code of its process how a script of lines ended. */
const runLines: Text = { kind: 'template', source: 'powershell -executionpolicy bypass -file {{.Path}}' };
const runFile: Text = {
  kind: 'template',
  source: 'powershell -executionpolicy bypass "& { . {{.Vars}}; & \'{{.Path}}\'; exit $LastExitCode }"',
};

const base = {
  kind: 'powershell',
  environment: [],
  environmentFormat,
  debugLevel: 0,
  skipClean: false,
  startRetryTimeout: 300_000,
  pauseAfter: 0,
} as const satisfies Partial<PowershellStep>;

export function powershellStep(
  { inline = [], runElevated = false, runAsSystem = false, validExitCodes = [] }: PowerShellCustomizer,
  file: FoundFile | undefined,
  common: StepBase,
): PowershellStep {
  const executeCommand = file ? runFile : runLines;
  return {
    ...common,
    ...base,
    needsWindows: true,
    script: file?.kind === 'file' ? { kind: 'files', paths: [file.path] } : { kind: 'inline', lines: inline },
    ...(file?.kind === 'url' && { download: file.download }),
    executeCommand,
    validExitCodes: validExitCodes.length > 0 ? validExitCodes : [0],
    ...(runElevated && {
      elevated: { ...(runAsSystem ? system : loginUser), environmentFormat, executeCommand },
    }),
  };
}

/** An account that has no password. */
const system = { user: 'SYSTEM', password: '' };
const loginUser = {
  user: { kind: 'template', source: '{{ build `User` }}' },
  password: { kind: 'template', source: '{{ build `Password` }}' },
} as const;

const usualRestart = 'shutdown /r /f /t 0 /c "packer restart"';
const usualPatience = 300_000;

export function restartStep(
  { restartCommand = '', restartCheckCommand = '', restartTimeout = '' }: WindowsRestartCustomizer,
  common: StepBase,
): WindowsRestartStep {
  return {
    ...common,
    kind: 'windows-restart',
    needsWindows: true,
    restartCommand: restartCommand === '' ? usualRestart : restartCommand,
    ...(restartCheckCommand !== '' && { checkCommand: restartCheckCommand }),
    restartTimeout: parseDuration(restartTimeout) || usualPatience,
    registryKeys: [],
  };
}

const mostUpdates = 1_000;
const pendingRestart = [
  'HKLM:SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired',
];

/** Updates are installed by the system itself, and are whole only after a restart. */
export function updateSteps(
  { searchCriteria = '', filters = [], updateLimit = 0 }: WindowsUpdateCustomizer,
  common: StepBase,
): readonly (PowershellStep | WindowsRestartStep)[] {
  const criteria = searchCriteria === '' ? 'BrowseOnly=0 and IsInstalled=0' : searchCriteria;
  const lines = updateScript(criteria, filters, updateLimit === 0 ? mostUpdates : updateLimit);
  return [
    {
      ...common,
      ...base,
      needsWindows: true,
      script: { kind: 'inline', lines },
      executeCommand: runLines,
      validExitCodes: [0],
      elevated: { ...system, environmentFormat, executeCommand: runLines },
    },
    {
      ...common,
      name: `${common.name ?? 'WindowsUpdate'}: restart`,
      kind: 'windows-restart',
      needsWindows: true,
      restartCommand: usualRestart,
      restartTimeout: 3_600_000,
      registryKeys: pendingRestart,
    },
  ];
}

/** Uses the Windows Update Agent (https://learn.microsoft.com/windows/win32/wua_sdk/portal-client). */
function updateScript(criteria: string, filters: readonly string[], limit: number): readonly string[] {
  const tests = filters.map((filter) => {
    const [, verb = 'include', test = filter] = /^(include|exclude):(.*)$/s.exec(filter) ?? [];
    return `  if (${test}) { return $${verb === 'include' ? 'true' : 'false'} }`;
  });
  return [
    "$ErrorActionPreference = 'Stop'",
    'function Test-Wanted($_) {',
    ...tests,
    `  return $${filters.length === 0 ? 'true' : 'false'}`,
    '}',
    '$session = New-Object -ComObject Microsoft.Update.Session',
    '$wanted = New-Object -ComObject Microsoft.Update.UpdateColl',
    `foreach ($update in $session.CreateUpdateSearcher().Search(${quoted(criteria)}).Updates) {`,
    `  if ($wanted.Count -ge ${limit}) { break }`,
    '  if ($update.InstallationBehavior.CanRequestUserInput -or -not (Test-Wanted $update)) { continue }',
    '  if (-not $update.EulaAccepted) { $update.AcceptEula() }',
    '  Write-Output "update: $($update.Title)"',
    '  [void]$wanted.Add($update)',
    '}',
    "if ($wanted.Count -eq 0) { Write-Output 'there are no updates'; exit 0 }",
    '$downloader = $session.CreateUpdateDownloader()',
    '$downloader.Updates = $wanted',
    '[void]$downloader.Download()',
    '$installer = $session.CreateUpdateInstaller()',
    '$installer.Updates = $wanted',
    '$result = $installer.Install()',
    // 2: all were installed; 3: some with something to say.
    'if ($result.ResultCode -notin 2, 3) { Write-Error "updates ended with result $($result.ResultCode)"; exit 1 }',
    'exit 0',
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
