import { randomUUID } from 'node:crypto';
import { powershellLiteral } from './powershell-text.ts';

export interface ElevatedRun {
  readonly user: string;
  /** Empty for a service account such as SYSTEM. */
  readonly password: string;
  /** A line for `cmd`. */
  readonly command: string;
  /** Where the runner itself is kept; it removes itself. */
  readonly path: string;
}

/**
 * A PowerShell script that runs a command as another user with all of that user's rights, shows what it prints and
 * ends with its exit code. Windows gives such rights only to what the task scheduler starts, so it makes a task
 * (https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema), runs it and removes it.
 */
export function elevatedRunner({ user, password, command, path }: ElevatedRun): string {
  const task = `packer-${randomUUID()}`;
  // A task has no output of its own.
  const output = `%SYSTEMROOT%/Temp/${task}.out`;
  return `$ErrorActionPreference = 'Stop'
$global:ProgressPreference = 'SilentlyContinue'
$name = ${powershellLiteral(task)}
$output = [Environment]::ExpandEnvironmentVariables(${powershellLiteral(output)})
$definition = @'
${taskDefinition(user, password === '', `/c ${command} > ${output} 2>&1`)}
'@

# Numbers of the task scheduler's interfaces.
$createOrUpdate = 6
$logonType = ${password === '' ? '5 # a service account' : '1 # with a password'}
$ready = 3
$running = 4

$scheduler = New-Object -ComObject Schedule.Service
$scheduler.Connect()
$folder = $scheduler.GetFolder('\\')
$exitCode = 1
$reader = $null
try {
    $task = $folder.RegisterTask($name, $definition, $createOrUpdate, ${powershellLiteral(user)}, ${
      password === '' ? '$null' : powershellLiteral(password)
    }, $logonType, $null)
    $task.Run($null) | Out-Null
    # A short command may be over before it is ever seen running, but its output file stays.
    $patience = [Diagnostics.Stopwatch]::StartNew()
    while ($task.State -ne $running -and -not (Test-Path -LiteralPath $output) -and $patience.Elapsed.TotalSeconds -lt 10) {
        Start-Sleep -Milliseconds 100
    }
    do {
        # Asked first: what was printed until the end is then read below.
        $isOver = $task.State -eq $ready
        if ($reader -eq $null -and (Test-Path -LiteralPath $output)) {
            $file = New-Object IO.FileStream($output, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::ReadWrite)
            $reader = New-Object IO.StreamReader($file, [Console]::OutputEncoding)
        }
        if ($reader -ne $null) { [Console]::Out.Write($reader.ReadToEnd()) }
        if (-not $isOver) { Start-Sleep -Milliseconds 100 }
    } until ($isOver)
    $exitCode = $task.LastTaskResult
} finally {
    if ($reader -ne $null) { $reader.Close() }
    $ErrorActionPreference = 'SilentlyContinue'
    $folder.DeleteTask($name, 0)
    Remove-Item -LiteralPath $output -Force
    Remove-Item -LiteralPath ${powershellLiteral(path)} -Force
}
exit $exitCode
`;
}

/** The task as Packer defines it: with all rights, at normal priority, without any limit of time or power supply. */
function taskDefinition(user: string, isService: boolean, parameters: string): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Packer elevated task</Description></RegistrationInfo>
  <Principals>
    <Principal id="Author">
      <UserId>${xmlText(user)}</UserId>
      ${isService ? '' : '<LogonType>Password</LogonType>'}
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>false</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>cmd</Command>
      <Arguments>${xmlText(parameters)}</Arguments>
    </Exec>
  </Actions>
</Task>`;
}

/** References for all that would end the text, or the single-quoted string of PowerShell that the text stands in. */
function xmlText(text: string): string {
  return text.replace(/[&<>"'\t\n\r]/g, (found) => `&#${found.charCodeAt(0)};`);
}
