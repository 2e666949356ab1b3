import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRubyTrigger } from './read-vagrantfile.ts';
import { machineOf, makeProject } from './testing/reading.ts';

const file = `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.trigger.before :up do |trigger|
    trigger.info = "no Ruby"
  end
  config.vm.define "web" do |web|
    web.trigger.after :up do |trigger|
      trigger.ruby do |env, machine|
        machine.ui.info "#{machine.name} is #{machine.state.id} with #{machine.provider_name}"
        puts "box #{machine.config.vm.box} in #{env.root_path.basename}"
      end
    end
    web.trigger.after :halt, ruby: proc { |_env, machine| machine.communicate.execute("true") }
    web.trigger.after :destroy, ruby: proc { abort "not now" }
  end
end`;

test('the Ruby of a trigger runs when it is asked for, and is told of its machine', async (t) => {
  const project = makeProject(t, { Vagrantfile: file });
  const { triggers } = machineOf(await project.read());
  assert.equal(triggers.before[0]!.ruby, undefined);
  assert.deepEqual(triggers.after[0]!.ruby?.[1], 9);
  const { folder, environment } = project;
  const call = (index: number) =>
    runRubyTrigger(
      { folder, environment },
      { machine: 'web', when: 'after', index, facts: { id: 'abc', state: 'running' } },
    );
  assert.deepEqual(await call(0), {
    output: [{ stream: 'stdout', text: 'web is running with qemu\nbox x in project\n' }],
    diagnostics: [],
    exit: undefined,
  });
  const refused = await call(1);
  assert.match(refused!.diagnostics[0]!.message, /wants to work in the machine \(machine\.communicate\)/);
  assert.equal(refused!.diagnostics[0]!.at.line, 14);
  assert.equal((await call(2))!.exit, 1);
  assert.equal((await call(7))!.diagnostics[0]!.message, 'there is no such trigger');
});
