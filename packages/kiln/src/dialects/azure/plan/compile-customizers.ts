import type { FileStep, ShellStep, Step, StepBase } from '../../../plan/step.ts';
import type { JsonPath } from '../model/fault.ts';
import type { Customizer, FileCustomizer, ImageTemplate, ShellCustomizer } from '../model/image-template.ts';
import { type FoundFile, findFile } from './local-file.ts';
import type { TemplateContext } from './plan-context.ts';
import { powershellStep, restartStep, updateSteps } from './windows-steps.ts';

/** What is done to a machine: customizers in their order, then what is to be found right in it. */
export function compileSteps(
  template: ImageTemplate,
  system: 'linux' | 'windows',
  context: TemplateContext,
): readonly Step[] {
  const { customize = [], validate, errorHandling } = template.properties;
  const {
    inVMValidations = [],
    continueDistributeOnFailure = false,
    sourceValidationOnly = false,
  } = validate ?? {};
  const first = ['properties', 'customize'] as const;
  const second = ['properties', 'validate', 'inVMValidations'] as const;
  const customizing = sourceValidationOnly
    ? []
    : customize.flatMap((one, index) =>
        compileOne(
          one,
          [...first, index],
          { onError: errorHandling?.onCustomizerError ?? 'cleanup' },
          system,
          context,
        ),
      );
  const validating = inVMValidations.flatMap((one, index) =>
    compileOne(
      { ...one, name: `validate: ${one.name || one.type}` },
      [...second, index],
      {
        onError: errorHandling?.onValidationError ?? 'cleanup',
        ...(continueDistributeOnFailure && { failsAtEnd: true }),
      },
      system,
      context,
    ),
  );
  return [...customizing, ...validating];
}

function compileOne(
  one: Customizer,
  path: JsonPath,
  more: Partial<StepBase>,
  system: 'linux' | 'windows',
  context: TemplateContext,
): readonly Step[] {
  const at = context.at(path);
  const common: StepBase = {
    ...(one.name ? { name: one.name } : {}),
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    ...more,
    at,
  };
  if (system === 'linux' && (one.type === 'PowerShell' || one.type.startsWith('Windows'))) {
    context.problems.warning(
      at,
      `${one.type} needs Windows; a machine that is not will refuse this step`,
      'start from an image of Windows, or take the step out',
    );
  }
  switch (one.type) {
    case 'Shell': {
      const file = scriptOf(one, path, context);
      return one.scriptUri && !file ? [] : [shellStep(one, file, common)];
    }
    case 'PowerShell': {
      const file = scriptOf(one, path, context);
      return one.scriptUri && !file ? [] : [powershellStep(one, file, common)];
    }
    case 'File':
      return fileStep(one, path, common, context);
    case 'WindowsRestart':
      return [restartStep(one, common)];
    case 'WindowsUpdate':
      return updateSteps(one, common);
  }
}

function scriptOf(
  { scriptUri = '', sha256Checksum = '' }: { readonly scriptUri?: string; readonly sha256Checksum?: string },
  path: JsonPath,
  context: TemplateContext,
): FoundFile | undefined {
  if (scriptUri === '') return undefined;
  return findFile(scriptUri, sha256Checksum, context.at([...path, 'scriptUri']), context);
}

/** As the service's user runs it: not as root, but free to use sudo. */
function shellStep(
  { inline = [] }: ShellCustomizer,
  file: FoundFile | undefined,
  common: StepBase,
): ShellStep {
  return {
    ...common,
    kind: 'shell',
    script: file?.kind === 'file' ? { kind: 'files', paths: [file.path] } : { kind: 'inline', lines: inline },
    ...(file?.kind === 'url' && { download: file.download }),
    inlineShebang: '/bin/sh -e',
    environment: [],
    environmentFormat: "%s='%s' ",
    useEnvironmentFile: false,
    environmentFileFolder: '/tmp',
    executeCommand: { kind: 'template', source: 'chmod +x {{ .Path }}; {{ .Vars }} {{ .Path }}' },
    remoteFolder: '/tmp',
    skipClean: false,
    expectDisconnect: false,
    startRetryTimeout: 300_000,
    validExitCodes: [0],
    binary: false,
    pauseAfter: 0,
  };
}

function fileStep(
  { sourceUri, sha256Checksum = '', destination }: FileCustomizer,
  path: JsonPath,
  common: StepBase,
  context: TemplateContext,
): readonly FileStep[] {
  const file = findFile(sourceUri, sha256Checksum, context.at([...path, 'sourceUri']), context);
  if (!file) return [];
  return [
    {
      ...common,
      kind: 'file',
      direction: 'upload',
      sources: file.kind === 'file' ? [file.path] : [],
      ...(file.kind === 'url' && { download: file.download }),
      destination,
      generated: false,
    },
  ];
}
