import type { ContainerStep } from '../../../../plan/container-step.ts';
import type { Step } from '../../../../plan/step.ts';
import { isTruthy, mapOf, textOr, textsOf } from '../../finish/coerce.ts';
import type { VagrantProvisioner } from '../../vagrant-config.ts';
import type { Planning } from '../planning.ts';
import { given, stepBase } from './common.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/**
 * https://developer.hashicorp.com/vagrant/docs/provisioning/docker and …/podman
 * @param compileOther compiles what is run right after the installation
 */
export function compileContainers(compileOther: ProvisionerCompiler): ProvisionerCompiler {
  return (provisioner, planning) => {
    const { type, settings, at } = provisioner;
    const kind = type === 'podman' ? 'podman' : 'docker';
    if (isTruthy(settings['kubic']))
      planning.warn("kubic: Kiln installs Podman from the system's own packages", at);
    const bare: ContainerStep = {
      ...stepBase(at),
      kind,
      install: true,
      images: [],
      builds: [],
      containers: [],
    };
    const work: ContainerStep = { ...bare, ...workOf(provisioner) };
    const after = settings['post_install_provisioner'] as VagrantProvisioner | null | undefined;
    if (!after) return [work];
    return [{ ...bare, name: `install ${kind}` }, ...afterwards(after, planning, compileOther), work];
  };
}

function afterwards(
  provisioner: VagrantProvisioner,
  planning: Planning,
  compile: ProvisionerCompiler,
): readonly Step[] {
  return provisioner.supported ? compile(provisioner, planning) : [];
}

function workOf({ settings }: VagrantProvisioner): Pick<ContainerStep, 'images' | 'builds' | 'containers'> {
  const builds = Array.isArray(settings['build_images']) ? settings['build_images'] : [];
  return {
    images: textsOf(settings['images']),
    builds: builds.flatMap((one) =>
      Array.isArray(one)
        ? [{ path: String(one[0]), arguments: textOr(mapOf(one[1])['args']) ?? '' }]
        : [{ path: String(one), arguments: '' }],
    ),
    containers: Object.entries(mapOf(settings['containers'])).map(([name, value]) => {
      const { image, cmd, args, daemonize, restart, auto_assign_name } = mapOf(value);
      const policy = given(restart);
      return {
        name,
        image: textOr(image) ?? name,
        command: textOr(cmd) ?? '',
        arguments: textOr(args) ?? '',
        daemonize: daemonize !== false,
        ...(policy !== undefined && policy !== 'no' && { restart: policy }),
        assignName: auto_assign_name !== false,
      };
    }),
  };
}
