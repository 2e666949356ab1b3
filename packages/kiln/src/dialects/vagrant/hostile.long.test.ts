import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeProject, tellingFile, told, toldResults } from './testing/reading.ts';

const box = 'Vagrant.configure("2") { |config| config.vm.box = "x" }\n';

test('a file that never ends is ended, and said to take too long', async (t) => {
  const project = makeProject(t, { Vagrantfile: `while true; end\n${box}` });
  const reading = await project.read({ timeLimit: 1500 });
  assert.equal(reading.config, undefined);
  assert.deepEqual(told(reading), [
    'Vagrantfile:1: error: the evaluation was ended: it takes longer than 1.5 s',
  ]);
});

test('a file that wants all memory gets an error', async (t) => {
  const project = makeProject(t, { Vagrantfile: `\nlist = []\nloop { list << "x" * 50_000_000 }\n${box}` });
  const reading = await project.read();
  assert.deepEqual(told(reading), ['Vagrantfile:1: error: failed to allocate memory (NoMemoryError)']);
});

test('a file that prints without end is ended', async (t) => {
  const project = makeProject(t, { Vagrantfile: `loop { puts "x" * 10_000 }\n${box}` });
  const reading = await project.read();
  assert.deepEqual(told(reading), [
    'Vagrantfile:1: error: the evaluation was ended: the file prints more than 1 MiB',
  ]);
});

test('a file that calls itself without end is ended', async (t) => {
  const project = makeProject(t, { Vagrantfile: `def deeper; deeper; end\ndeeper\n${box}` });
  const [message] = told(await project.read());
  assert.match(
    message!,
    /^Vagrantfile:1: error: (?:stack level too deep|.*too deeply|.*calls itself without end)/,
  );
});

test('the same in blocks, where Ruby itself is called again and again', async (t) => {
  const project = makeProject(t, { Vagrantfile: `def deeper; [1].each { deeper }; end\ndeeper\n${box}` });
  const [message] = told(await project.read());
  assert.match(
    message!,
    /^Vagrantfile:1: error: (?:stack level too deep|.*too deeply|.*calls itself without end)/,
  );
});

test('JavaScript is out of reach: the way that Ruby in WebAssembly has to it is closed', async (t) => {
  for (const way of [
    'require "js"; JS.eval("process.exit(3)")',
    'require "js"; JS.global[:process][:pid]',
    'require "js"; JS.eval("return 1") rescue puts "rescued"',
  ]) {
    const project = makeProject(t, { Vagrantfile: `${way}\n${box}` });
    const reading = await project.read();
    assert.equal(reading.config, undefined, way);
    assert.match(
      told(reading)[0]!,
      /error: (?:the evaluation was ended: the file tried to reach out of Ruby|.*JS)/,
    );
  }
});

test('files outside of the project are not read, by no way to them', async (t) => {
  const project = makeProject(t, {
    '../secret.txt': 'secret',
    '../.git': 'not a work tree of this project',
    inside: 'inside',
    Vagrantfile: tellingFile({
      plain: 'File.read("../secret.txt")',
      absolute: 'File.read(File.expand_path("../../secret.txt", __FILE__))',
      dots: 'File.read("sub/../../secret.txt")',
      link: 'File.read("link")',
      linkedFolder: 'File.read("folder/secret.txt")',
      linkMadeByItself: 'File.symlink("../secret.txt", "own"); File.read("own")',
      listing: 'Dir.children("..").inspect',
      globbing: 'Dir.glob("../*").inspect',
      opened: 'open("../secret.txt", &:read)',
      lines: 'IO.readlines("../secret.txt").first',
      loaded: 'load("../secret.txt")',
      required: 'require_relative("../secret.txt")',
      password: 'File.read("/etc/passwd")',
      environment: 'File.read("/proc/self/environ")',
      key: 'File.read(File.join(Dir.home, ".ssh/id_ed25519"))',
      pipe: 'File.read("pipe")',
      allowed: 'File.read("inside")',
    }),
  });
  symlinkSync('../secret.txt', join(project.folder, 'link'));
  symlinkSync('..', join(project.folder, 'folder'));
  mkdirSync(join(project.folder, 'sub'));
  mkdirSync(join(project.home, '.ssh'));
  writeFileSync(join(project.home, '.ssh', 'id_ed25519'), 'private');
  const reading = await project.read();
  const { allowed, pipe, listing, globbing, ...refused } = toldResults(reading);
  assert.equal(allowed, 'inside');
  assert.equal(pipe, 'Errno::ENOENT');
  assert.equal(listing, 'Errno::EACCES');
  assert.equal(globbing, '[]');
  for (const [way, result] of Object.entries(refused)) {
    assert.ok(['Errno::EACCES', 'LoadError'].includes(String(result)), `${way}: ${result}`);
  }
  assert.ok(told(reading).some((line) => line.includes(`read ${join(project.root, 'secret.txt')}`)));
  assert.ok(reading.wantsTrust);
});

test('a Vagrantfile in the home folder reads no hidden files there', async (t) => {
  const project = makeProject(t, {
    '.aws/credentials': 'secret',
    'plain.txt': 'plain',
    '.vagrant/machines/default/libvirt/id': '1',
    Vagrantfile: tellingFile({
      hidden: 'File.read(".aws/credentials")',
      plain: 'File.read("plain.txt")',
      state: 'Dir.glob(".vagrant/machines/*/*/id").size',
    }),
  });
  const reading = await project.read({ environment: { ...project.environment, HOME: project.folder } });
  assert.deepEqual(toldResults(reading), { hidden: 'Errno::EACCES', plain: 'plain', state: 1 });
});

test('public keys and the user’s own Vagrant folder may be read', async (t) => {
  const project = makeProject(t, {
    '../home/.ssh/id_ed25519.pub': 'ssh-ed25519 AAAA',
    '../home/.vagrant.d/settings.yml': 'a: 1',
    '../home/.vagrant.d/data/vagrant_login_token': 'token',
    Vagrantfile: tellingFile({
      key: 'File.read("#{Dir.home}/.ssh/id_ed25519.pub")',
      settings: 'YAML.load_file("#{ENV["HOME"]}/.vagrant.d/settings.yml")["a"]',
      token: 'File.read("#{ENV["HOME"]}/.vagrant.d/data/vagrant_login_token")',
    }),
  });
  assert.deepEqual(toldResults(await project.read()), {
    key: 'ssh-ed25519 AAAA',
    settings: 1,
    token: 'Errno::EACCES',
  });
});

test('what a file writes is seen by itself and by nobody else', async (t) => {
  const project = makeProject(t, {
    there: 'before',
    'folder/in': '1',
    Vagrantfile: tellingFile({
      written: 'File.write("new.txt", "content"); File.read("new.txt")',
      changed: 'File.write("there", "after"); File.read("there")',
      appended: 'File.open("there", "a") { |f| f.puts "more" }; File.readlines("there").size',
      removed: 'File.delete("folder/in"); Dir.children("folder").size',
      folders: 'FileUtils.mkdir_p("a/b/c"); FileUtils.touch("a/b/c/d"); Dir.glob("a/**/*").sort.last',
      copied: 'FileUtils.cp("there", "copy"); File.size("copy") == File.size("there")',
      moved: 'FileUtils.mv("copy", "elsewhere"); [File.exist?("copy"), File.exist?("elsewhere")]',
      temporary: 'Tempfile.create("x") { |f| f.write("t"); f.rewind; f.read }',
      outside: 'File.write("../outside.txt", "x")',
      system: 'File.write("/etc/kiln-was-here", "x")',
      tooMuch: 'File.write("huge", "x" * 70_000_000)',
    }),
  });
  const reading = await project.read();
  assert.deepEqual(toldResults(reading), {
    written: 'content',
    changed: 'after',
    appended: 1,
    removed: 0,
    folders: 'a/b/c/d',
    copied: true,
    moved: [false, true],
    temporary: 't',
    outside: 1,
    system: 'Errno::EACCES',
    tooMuch: 'Errno::ENOSPC',
  });
  assert.deepEqual(readdirSync(project.folder).sort(), ['Vagrantfile', 'folder', 'there']);
  assert.ok(existsSync(join(project.folder, 'folder/in')));
  assert.ok(
    told(reading).some((line) =>
      line.endsWith(`the file writes ${join(project.folder, 'new.txt')}: not written`),
    ),
  );
});

test('programs are not run, in none of the ways to start one', async (t) => {
  const ways = {
    system: 'system("touch a").inspect',
    systemWords: 'system("touch", "b").inspect',
    backticks: '`touch c`',
    percent: '%x(touch d)',
    spawn: 'spawn("touch e"); Process.wait; 1',
    kernel: 'Kernel.system("touch f").inspect',
    popen: 'IO.popen("touch g").read',
    popenWords: 'IO.popen(["touch", "h"], &:read)',
    pipeOpen: 'open("|touch i", &:read)',
    capture: 'require "open3"; Open3.capture3("touch j").first',
    popen3: 'Open3.popen3("touch k") { |*, waiter| waiter.value.success? }',
    subprocess: 'Vagrant::Util::Subprocess.execute("touch", "l").exit_code',
    exec: 'exec("touch m")',
    fork: 'fork { File.write("n", "") }',
    processFork: 'Process.fork',
    kill: 'Process.kill(:KILL, 1)',
    status: '`touch o`; $?.success?',
    exception: 'system("touch p", exception: true)',
  };
  const project = makeProject(t, { Vagrantfile: tellingFile(ways) });
  const reading = await project.read();
  assert.deepEqual(toldResults(reading), {
    ...{ system: 'nil', systemWords: 'nil', backticks: '', percent: '', spawn: 1, kernel: 'nil', popen: '' },
    ...{ popenWords: '', pipeOpen: '', capture: '', popen3: false, subprocess: 127, exec: 'Kiln::Refused' },
    ...{ fork: 'Kiln::Refused', processFork: 'Kiln::Refused', kill: 'Kiln::Refused', status: false },
    exception: 'Errno::ENOENT',
  });
  assert.deepEqual(readdirSync(project.folder), ['Vagrantfile']);
  assert.ok(told(reading).includes('Vagrantfile:6: warning: the file wants to run `touch a`: not run'));
  assert.ok(told(reading).includes('Vagrantfile:18: warning: the file wants to run `touch m`: not run'));
});

test('the network is out of reach', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: tellingFile({
      socket: 'require "socket"; TCPSocket.new("127.0.0.1", 22)',
      http: 'require "net/http"; Net::HTTP.get(URI("http://127.0.0.1/"))',
      open: 'require "open-uri"; URI.open("http://127.0.0.1/").read',
      kernel: 'open("http://127.0.0.1/").read',
      names: 'require "resolv"; Resolv.getaddress("localhost")',
    }),
  });
  const reading = await project.read();
  assert.deepEqual(new Set(Object.values(toldResults(reading))), new Set(['SocketError']));
  assert.ok(told(reading)[0]!.endsWith('the file wants to use the network: refused'));
});

test('a file that talks to Kiln itself gets no further than one that does not', async (t) => {
  const forged =
    '{"request":"command","shell":true,"words":["touch forged"],"folder":"/","variables":{},"environment":{}}';
  const ways = {
    forged: `File.open("/.kiln/channel", "r+") { |io| io.syswrite('${forged}'); JSON.parse(io.sysread(1000))["ran"] }`,
  };
  const project = makeProject(t, { Vagrantfile: tellingFile(ways) });
  assert.deepEqual(toldResults(await project.read()), { forged: false });
  const other = makeProject(t, {
    Vagrantfile: `File.open("/.kiln/channel", "r+") { |io| io.syswrite('{"request":"__proto__"}'); io.sysread(10) }\n${box}`,
  });
  assert.match(told(await other.read())[0]!, /the evaluation was ended/);
});
