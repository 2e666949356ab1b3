import type { PuppetStep } from '../../../../plan/puppet-step.ts';
import { isTruthy, mapOf } from '../../finish/coerce.ts';
import type { VagrantProvisioner } from '../../vagrant-config.ts';
import { given, Luggage, placeOf, several, stepBase, variablesOf } from './common.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/** Modules that the machine has already are found too. */
const systemModules = '/etc/puppet/modules';

/** https://developer.hashicorp.com/vagrant/docs/provisioning/puppet_apply */
export const compilePuppet: ProvisionerCompiler = (provisioner, planning) => {
  const { settings, at } = provisioner;
  const luggage = new Luggage(planning, at);
  const bring = (place: readonly [string, string] | undefined, name: string) =>
    place === undefined || place[0] !== 'host' ? place?.[1] : luggage.bring(place[1], name);
  const environmentPath = bring(placeOf(settings['environment_path']), 'environments');
  const manifests = bring(placeOf(settings['manifests_path']), 'manifests');
  const modules = several(settings['module_path']).flatMap(
    (path, index) => luggage.bring(path, `modules-${index}`) ?? [],
  );
  const hieraConfig = luggage.bring(given(settings['hiera_config_path']), 'hiera.yaml');
  const manifest = given(settings['manifest_file']);
  const environmentName = given(settings['environment']);
  const isStructured = isTruthy(settings['structured_facts']);
  const workingFolder = given(settings['working_directory']);
  return [
    {
      ...common(provisioner),
      run: {
        kind: 'apply',
        modulePath: modules.length === 0 ? [] : [...modules, systemModules],
        ...(manifests !== undefined && manifest !== undefined && { manifest: `${manifests}/${manifest}` }),
        ...(hieraConfig !== undefined && { hieraConfig }),
        ...(environmentPath !== undefined && { environmentPath }),
        ...(environmentPath !== undefined && environmentName !== undefined && { environmentName }),
      },
      copies: luggage.copies,
      facts: isStructured ? [] : variablesOf(settings['facter']),
      ...(isStructured && { structuredFacts: mapOf(settings['facter']) }),
      environment: variablesOf(settings['environment_variables']),
      ...(workingFolder !== undefined && { workingFolder }),
    },
  ];
};

/** https://developer.hashicorp.com/vagrant/docs/provisioning/puppet_agent */
export const compilePuppetServer: ProvisionerCompiler = (provisioner, planning) => {
  const { settings, at } = provisioner;
  const luggage = new Luggage(planning, at);
  const certificate = luggage.bring(given(settings['client_cert_path']), 'cert.pem');
  const privateKey = luggage.bring(given(settings['client_private_key_path']), 'key.pem');
  const server = given(settings['puppet_server']);
  const node = given(settings['puppet_node']);
  return [
    {
      ...common(provisioner),
      run: {
        kind: 'agent',
        ...(server !== undefined && { server }),
        ...(node !== undefined && { node }),
        ...(certificate !== undefined && { certificate }),
        ...(privateKey !== undefined && { privateKey }),
      },
      copies: luggage.copies,
      facts: variablesOf(settings['facter']),
      environment: [],
    },
  ];
};

function common({ settings, at }: VagrantProvisioner) {
  const binaryFolder = given(settings['binary_path']);
  return {
    ...stepBase(at),
    kind: 'puppet',
    cleanFolder: false,
    ...(binaryFolder !== undefined && { binaryFolder }),
    arguments: several(settings['options']),
    asRoot: true,
    install: false,
    validExitCodes: [0, 2],
  } as const satisfies Partial<PuppetStep>;
}
