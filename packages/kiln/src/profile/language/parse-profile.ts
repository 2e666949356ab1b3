import type { Problems } from '../../base/yaml/problems.ts';
import { parseYaml, type YamlKind } from '../../base/yaml/yaml-document.ts';
import type { ProfileFile } from './profile-files.ts';

const profileKind: YamlKind = {
  name: 'a profile',
  whenEmpty: 'begin with "profile: 1", then "packages:", "users:", "files:" and so on',
  whenBinary: 'a profile is a YAML file',
  knowsReset: true,
};
const cloudConfigKind: YamlKind = {
  name: 'cloud-config',
  whenEmpty: 'write what is wanted below "#cloud-config"',
  whenBinary: 'cloud-config is a YAML file; unpack it if it is compressed',
};

/** Formats of user data that are no cloud-config, by how they begin. */
const otherUserData: readonly (readonly [start: RegExp, name: string, hint: string])[] = [
  [
    /^## *template: *jinja/,
    'a template of cloud-init',
    'write the values out; ${os.codename} and parameters are for that in a profile',
  ],
  [/^#include/, 'a list of URLs for cloud-init', 'name each with its digest under "extends" of a profile'],
  [
    /^#cloud-config-archive/,
    'an archive of cloud-init',
    'make a file of each part, and name them under "extends" of a profile',
  ],
  [/^#cloud-config-jsonp/, 'a patch of cloud-init', 'write its result as cloud-config'],
  [
    /^#cloud-boothook/,
    'a boothook of cloud-init',
    'write it as a script: "scripts: { first-boot: … }" in a profile',
  ],
  [/^#part-handler/, 'a part handler of cloud-init', 'do its work in a script of a profile'],
  [/^#!/, 'a script', 'name it in a profile: scripts: [{ script: ./FILE }]'],
  [
    /^(?:Content-Type|MIME-Version):/i,
    'a MIME message of cloud-init',
    'make a file of each part, and name them under "extends" of a profile',
  ],
];

/** Parses a file in either language: cloud-config has that word in its first line. */
export function parseProfile(
  input: Pick<ProfileFile, 'shown' | 'key' | 'folder'> & { readonly text: string },
  problems: Problems,
): ProfileFile | undefined {
  const { text, ...rest } = input;
  const other = otherUserData.find(([start]) => start.test(text));
  if (other) {
    const [, name, hint] = other;
    problems.error(
      { file: rest.shown, line: 1, column: 1 },
      `the file is ${name}, which is no profile`,
      hint,
    );
    return undefined;
  }
  const isCloudConfig = /^#cloud-config[ \t]*(?:\r?\n|$)/.test(text);
  const yaml = parseYaml(rest.shown, text, isCloudConfig ? cloudConfigKind : profileKind, problems);
  if (!yaml) return undefined;
  return {
    ...rest,
    language: isCloudConfig ? 'cloud-config' : 'profile',
    yaml,
    node: yaml.root,
    isSection: false,
  };
}
