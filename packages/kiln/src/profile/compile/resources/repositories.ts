import type { Repository } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { isArmoured } from '../contents.ts';
import type { RepositoryFile, RepositoryKey } from '../package-managers/package-manager.ts';
import { command } from '../script-builder.ts';
import { fileLibrary } from '../shell/files.ts';
import { lineLibrary } from '../shell/lines.ts';
import { settingLibrary } from '../shell/settings.ts';

/** Repositories: files, each with what signs it. What changed is looked at before packages are installed. */
export async function compileRepositories(
  repositories: readonly Repository[],
  context: CompileContext,
): Promise<void> {
  const { script, manager } = context;
  const numbers: number[] = [];
  for (const repository of repositories) {
    for (const library of [fileLibrary, lineLibrary, settingLibrary]) script.use(library);
    const key = repository.key && (await readKey(repository.key, context));
    const parts: string[] = [];
    for (const file of manager.repositoryFiles(repository, key)) parts.push(await filePart(file, context));
    const writing = parts.map((part, index) => (index < parts.length - 1 ? `${part} &&` : part));
    const elsewhere = repository.absent ? undefined : manager.standsElsewhere?.(repository);
    if (elsewhere) script.use(elsewhere.library);
    const commands = elsewhere ? [`${elsewhere.condition} || {`, ...writing, '}'] : writing;
    numbers.push(script.resource({ kind: 'repository', name: repository.name }, commands));
  }
  script.write(
    numbers.length === 0
      ? 'repositories_changed=no'
      : `if changed ${numbers.join(' ')}; then repositories_changed=yes; else repositories_changed=no; fi`,
  );
}

async function readKey(
  content: NonNullable<Repository['key']>,
  context: CompileContext,
): Promise<RepositoryKey> {
  return { content, armoured: await isArmoured(content, context) };
}

async function filePart(file: RepositoryFile, { contents }: CompileContext): Promise<string> {
  const label = `prefix=${command(`${file.path}: `)}; part`;
  switch (file.kind) {
    case 'absent':
      return `${label} ${command('absent', file.path, 'no')}`;
    case 'file': {
      const { id, digest, size } = await contents.add(file.content);
      return `${label} ${command('file', id, file.path, digest, size, '644', '0', '0', 'no')}`;
    }
    case 'block': {
      const text = file.lines.map((line) => `${line}\n`).join('');
      const { id } = await contents.add({ kind: 'text', text });
      return `content_${id} >"$work/block" && ${label} ${command('want_block', file.path, file.name, '')}`;
    }
  }
}
