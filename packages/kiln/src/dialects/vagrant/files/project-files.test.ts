import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Errno, FileType } from '../ruby/wasi/wasi-codes.ts';
import { InputRecorder } from './input-recorder.ts';
import { observe } from './observe.ts';
import { ProjectFiles } from './project-files.ts';

function makeFiles(t: TestContext) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kiln-files-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const project = join(root, 'project');
  mkdirSync(join(project, 'folder'), { recursive: true });
  writeFileSync(join(root, 'secret'), 'secret');
  writeFileSync(join(project, 'folder/file'), 'content');
  symlinkSync('folder/file', join(project, 'link'));
  symlinkSync('../secret', join(project, 'escape'));
  symlinkSync('loop', join(project, 'loop'));
  const inputs = new InputRecorder();
  const reach = {
    project: [project],
    folders: [],
    flat: [],
    vagrantfile: undefined,
    keys: undefined,
    home: undefined,
    everything: false,
  };
  const files = new ProjectFiles(reach, inputs, (path) => (path === '/outside' ? 'folder' : 'none'));
  return { root, project, files, inputs };
}

test('files are read through links, and not through those that lead out', (t) => {
  const { project, files, root } = makeFiles(t);
  assert.equal(files.read(join(project, 'link')).content.toString(), 'content');
  assert.equal(files.read(join(project, 'x/../folder/./file')).content.toString(), 'content');
  for (const path of ['escape', '../secret', 'folder/../../secret']) {
    assert.throws(() => files.read(join(project, path)), { errno: Errno.access }, path);
  }
  assert.throws(() => files.read(join(project, 'loop')), { errno: Errno.loop });
  assert.throws(() => files.read(join(project, 'none')), { errno: Errno.missing });
  assert.throws(() => files.read(join(project, 'folder')), { errno: Errno.isFolder });
  assert.throws(() => files.read(join(project, 'folder/file/deeper')), { errno: Errno.notFolder });
  assert.throws(() => files.list(root), { errno: Errno.access });
  assert.deepEqual(
    [...files.refusals.values()].map(({ what }) => what),
    ['read', 'read', 'list'],
  );
});

test('of what is outside only its existence is told', (t) => {
  const { project, files, root } = makeFiles(t);
  const { type, size, modified } = files.status(join(root, 'secret'), true);
  assert.deepEqual([type, size, modified], [FileType.file, 0, 0]);
  assert.equal(files.status(join(project, 'folder/file'), true).size, 7);
  assert.equal(files.status(join(project, 'link'), false).type, FileType.link);
});

test('changes are laid over the host’s files', (t) => {
  const { project, files } = makeFiles(t);
  const at = (name: string) => join(project, name);
  const write = (name: string, text: string, truncate = true) => {
    const file = files.readForWriting(at(name), { create: true, exclusive: false, truncate });
    file.write(Buffer.from(text), truncate ? 0 : file.length);
  };
  write('new', 'new');
  write('folder/file', '!', false);
  assert.equal(files.read(at('folder/file')).content.toString(), 'content!');
  files.makeFolder(at('made'));
  assert.throws(() => files.makeFolder(at('made')), { errno: Errno.exists });
  write('made/inside', 'x');
  assert.deepEqual(
    files.list(project).map(({ name }) => name),
    ['escape', 'folder', 'link', 'loop', 'made', 'new'],
  );
  assert.throws(() => files.removeFolder(at('made')), { errno: Errno.notEmpty });
  files.removeFile(at('made/inside'));
  files.removeFolder(at('made'));
  assert.throws(() => files.status(at('made'), true), { errno: Errno.missing });
  files.renameFile(at('new'), at('moved'));
  assert.equal(files.read(at('moved')).content.toString(), 'new');
  assert.throws(() => files.read(at('new')), { errno: Errno.missing });
  files.makeLink(at('own'), 'moved');
  assert.equal(files.read(at('own')).content.toString(), 'new');
  files.makeLink(at('out'), '../secret');
  assert.throws(() => files.read(at('out')), { errno: Errno.access });
  assert.throws(() => files.readForWriting('/etc/x', { create: true, exclusive: false, truncate: true }), {
    errno: Errno.access,
  });
  assert.throws(() => files.checkGrowth(65 * 1024 * 1024), { errno: Errno.noSpace });
  assert.deepEqual(files.writtenPaths.sort(), [at('folder/file'), at('moved')]);
});

test('what was looked at is recorded as it was first seen', (t) => {
  const { project, files, inputs } = makeFiles(t);
  const file = join(project, 'folder/file');
  files.read(file);
  files.list(join(project, 'folder'));
  assert.throws(() => files.status(join(project, 'none'), true));
  const seen = inputs.inputs.files;
  assert.ok(seen.every(([path, aspect, value]) => observe(path, aspect) === value));
  assert.deepEqual(
    seen.filter(([path]) => path.endsWith('none')).map(([, aspect, value]) => [aspect, value]),
    [['type', 'none']],
  );
  writeFileSync(file, 'changed');
  writeFileSync(join(project, 'folder/more'), '');
  const changed = seen.filter(([path, aspect, value]) => observe(path, aspect) !== value);
  assert.deepEqual(changed.map(([, aspect]) => aspect).sort(), ['content', 'names', 'stat']);
});
