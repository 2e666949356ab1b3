import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { withoutTool } from '../testing/tool.ts';
import { chefStep } from '../testing/tool-steps.ts';
import { renderChefConfig } from './chef-config.ts';

const stage = { private: '/tmp/x', path: (path: string) => (path.startsWith('/') ? path : `/stage/${path}`) };

/** Reads settings as Chef does: each line is a call of a method that has the setting's name. */
const reader = `require 'json'
class Settings < BasicObject
  def initialize; @all = {}; end
  def method_missing(name, value); @all[name] = value; end
  def all; @all; end
  def self.const_missing(name); ::Object.const_get(name); end
end
settings = Settings.new
settings.instance_eval(File.read(ARGV[0]))
puts JSON.generate(settings.all)
`;

test('Ruby reads from the configuration what the step says', { skip: withoutTool('ruby') }, async (t) => {
  const folder = await temporaryFolder(t);
  const evil = `it's "odd" \\ #{1 + 1}\n`;
  const step = chefStep({
    logLevel: 'debug',
    config: {
      ...chefStep().config,
      cookbookPaths: ['cookbooks-0', '/srv/cookbooks'],
      dataBagPaths: ['bags'],
      nodeName: evil,
      environment: 'test',
      legacyMode: true,
      proxies: { http_proxy: 'http://proxy:3128' },
    },
  });
  await writeFile(join(folder, 'solo.rb'), renderChefConfig(step, stage));
  await writeFile(join(folder, 'read.rb'), reader);
  const { stdout } = await runOrFail('ruby', [join(folder, 'read.rb'), join(folder, 'solo.rb')]);
  const { log_location: _stream, ...settings } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(settings, {
    node_name: evil,
    log_level: 'debug',
    verbose_logging: false,
    solo_legacy_mode: true,
    cookbook_path: ['/stage/cookbooks-0', '/srv/cookbooks'],
    data_bag_path: '/stage/bags',
    environment: 'test',
    http_proxy: 'http://proxy:3128',
  });
});

test('a client is told of its server, and nothing of local folders', () => {
  const text = renderChefConfig(
    chefStep({
      tool: 'client',
      config: {
        ...chefStep().config,
        cookbookPaths: ['cookbooks'],
        serverUrl: 'https://chef.example.com',
        validationKey: 'validation.pem',
        sslVerifyMode: 'verify_peer',
      },
    }),
    stage,
  );
  assert.equal(
    text,
    `log_location STDOUT
verbose_logging false
chef_server_url 'https://chef.example.com'
validation_key '/stage/validation.pem'
ssl_verify_mode :verify_peer
`,
  );
});
