import type { AnsibleLocalStep, AnsibleOptions, AnsibleStep } from '../../plan/ansible-step.ts';
import type { ChefStep } from '../../plan/chef-step.ts';
import type { PuppetStep } from '../../plan/puppet-step.ts';
import type { SaltStep } from '../../plan/salt-step.ts';

const base = { pauseBefore: 0, timeout: 0, maxRetries: 0 } as const;

const ansible: Omit<AnsibleOptions, 'kind'> = {
  ...base,
  command: 'ansible-playbook',
  hostName: 'web',
  tags: [],
  skipTags: [],
  become: false,
  verbosity: 0,
  groups: {},
  hostVars: {},
  arguments: [],
  // Tests must not depend on what the developer has set up.
  environment: [['ANSIBLE_FORCE_COLOR', 'false']],
  packerVariables: false,
};

/** A playbook from this host, without anything else. */
export function ansibleStep(playbook: string, changes: Partial<AnsibleStep> = {}): AnsibleStep {
  return {
    ...ansible,
    kind: 'ansible',
    playbook,
    keepInventory: false,
    forceUser: true,
    hostKeyChecking: false,
    sshArguments: [],
    askBecomePassword: false,
    askVaultPassword: false,
    reads: [playbook],
    ...changes,
  };
}

/** A playbook in the machine, with the folder that it is in. */
export function ansibleLocalStep(folder: string, changes: Partial<AnsibleLocalStep> = {}): AnsibleLocalStep {
  return {
    ...ansible,
    kind: 'ansible-local',
    playbooks: ['site.yml'],
    copies: [{ from: folder, to: '.' }],
    cleanFolder: false,
    otherHosts: [],
    ...changes,
  };
}

export function puppetStep(changes: Partial<PuppetStep> = {}): PuppetStep {
  return {
    ...base,
    kind: 'puppet',
    run: { kind: 'apply', manifest: 'site.pp', modulePath: [] },
    copies: [],
    cleanFolder: false,
    facts: [],
    environment: [],
    arguments: [],
    asRoot: false,
    install: false,
    validExitCodes: [0, 2],
    ...changes,
  };
}

export function chefStep(changes: Partial<ChefStep> = {}): ChefStep {
  return {
    ...base,
    kind: 'chef',
    tool: 'solo',
    copies: [],
    cleanFolder: false,
    asRoot: false,
    runList: [],
    attributes: {},
    config: {
      cookbookPaths: [],
      rolePaths: [],
      dataBagPaths: [],
      environmentPaths: [],
      nodePaths: [],
      verboseLogging: false,
      enableReporting: true,
      legacyMode: false,
      proxies: {},
    },
    arguments: [],
    attempts: 1,
    ...changes,
  };
}

export function saltStep(changes: Partial<SaltStep> = {}): SaltStep {
  return {
    ...base,
    kind: 'salt',
    copies: [],
    cleanFolder: false,
    asRoot: false,
    masterless: true,
    state: 'highstate',
    pillar: {},
    arguments: [],
    ignoreFailures: false,
    ...changes,
  };
}
