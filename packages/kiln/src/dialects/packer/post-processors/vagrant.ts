import type { BoxOutput } from '../../../plan/output.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';

const lateBoxPath: LateData = {
  ...lateBuildValues,
  fields: new Set([
    ...lateBuildValues.fields,
    'BuildName',
    'BuilderType',
    'Provider',
    'Architecture',
    'ArtifactId',
  ]),
};

const defaultPath = { kind: 'template' as const, source: 'packer_{{.BuildName}}_{{.Provider}}.box' };

/**
 * Packer's post-processor vagrant, for what Kiln builds: machines with QEMU, whose boxes are libvirt's. Undefined after a
 * mistake that was reported.
 */
export function readVagrant(options: Options): BoxOutput | undefined {
  const path = options.text('output', lateBoxPath) ?? defaultPath;
  const level = options.integer('compression_level');
  const include = options.strings('include');
  const vagrantfile = options.string('vagrantfile_template');
  const architecture = options.string('architecture');
  const provider = options.string('provider_override');
  const hasOverride = options.has('override');
  // Whether the file is there is looked at when the box is made, in any case.
  options.skip('override', 'vagrantfile_template_generated');
  options.finish();
  if (provider !== undefined && provider !== 'libvirt') {
    options.error('provider_override', `Kiln makes boxes for libvirt, not for ${provider}`, 'leave it out');
    return undefined;
  }
  if (hasOverride)
    options.warn('override', 'settings for single providers are not looked at: boxes are for libvirt');
  return {
    kind: 'box',
    path,
    include: include.map((file) => options.context.path(file)),
    ...(level !== undefined && { level: Math.max(0, Math.min(level, 9)) }),
    ...(vagrantfile !== undefined && { vagrantfile: options.context.path(vagrantfile) }),
    ...(architecture !== undefined && { architecture }),
  };
}
