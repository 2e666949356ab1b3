import { escaped, escapedScript } from '../../base/yaml/interpolate.ts';
import type { Content, FileWish } from '../../plan/profile.ts';
import { whenField } from './format-condition.ts';

/** A file as it is written behind its path: a text alone where that says everything. */
export function formatFile(file: FileWish): unknown {
  switch (file.kind) {
    case 'absent':
      return { absent: true, ...(file.recursive && { recursive: true }), ...whenField(file) };
    case 'link':
      return { link: escaped(file.target), ...whenField(file) };
    case 'directory':
      return {
        directory: file.source === undefined ? true : escaped(file.source),
        ...(file.exact && { exact: true }),
        ...attributes(file),
        ...(file.fileMode !== undefined && { file_mode: formatMode(file.fileMode) }),
        ...whenField(file),
      };
    case 'file': {
      const { content, secret } = file;
      const fields = {
        ...(content && contentFields(content)),
        ...attributes(file),
        ...(secret && content && { secret: true }),
        ...whenField(file),
      };
      return content?.kind === 'text' && Object.keys(fields).length === 1
        ? escapedScript(content.text)
        : fields;
    }
  }
}

/** The fields that say what the bytes of a file are. */
export function contentFields(content: Content): object {
  switch (content.kind) {
    case 'text':
      return { content: escapedScript(content.text) };
    case 'bytes':
      return { base64: content.base64 };
    case 'local':
      return { source: escaped(content.path) };
    case 'url':
      return { url: escaped(content.url), digest: `sha256:${content.digest}` };
  }
}

function attributes(file: {
  readonly mode?: number;
  readonly owner?: string;
  readonly group?: string;
}): object {
  const { mode, owner, group } = file;
  return {
    ...(mode !== undefined && { mode: formatMode(mode) }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
  };
}

function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
