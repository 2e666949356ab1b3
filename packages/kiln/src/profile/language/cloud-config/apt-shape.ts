import {
  contentText,
  type Infer,
  list,
  named,
  oneOf,
  optional,
  record,
  text,
} from '../../../base/yaml/shape.ts';
import { webUrl } from '../notations/url.ts';
import { yesNo } from './notations.ts';

const source = record('a repository', {
  source: optional(text, 'A line of sources.list.', {
    examples: ['deb https://example.org/debian $RELEASE main'],
  }),
  key: optional(contentText, 'Its key, as ASCII-armoured text.'),
  keyid: optional(text, 'The fingerprint of its key.'),
  keyserver: optional(text, 'Where the key is fetched from.'),
  filename: optional(text, 'Name of its file.'),
  append: optional(yesNo, 'Put the line behind what is in the file.'),
});
const mirrors = list(named({ what: 'a field', pattern: '', expected: 'a name' }, oneOf(text, list(text))));

export const aptShape = record('apt', {
  sources: optional(
    named({ what: "a repository's name", pattern: '', expected: 'a name' }, source),
    'Repositories.',
  ),
  conf: optional(contentText, 'Settings of apt.'),
  proxy: optional(webUrl, 'Proxy for http.'),
  http_proxy: optional(webUrl, 'Proxy for http.'),
  https_proxy: optional(webUrl, 'Proxy for https.'),
  ftp_proxy: optional(text, 'Proxy for ftp.'),
  debconf_selections: optional(
    named({ what: 'a name', pattern: '', expected: 'a name' }, contentText),
    'Answers to questions of packages.',
  ),
  preserve_sources_list: optional(
    yesNo,
    "Leave the system's own repositories as they are, as Kiln always does.",
  ),
  primary: optional(mirrors, 'Mirrors of the archive.'),
  security: optional(mirrors, 'Mirrors of security updates.'),
  disable_suites: optional(list(text), 'Suites to leave out.'),
  sources_list: optional(contentText, 'A whole sources.list.'),
  add_apt_repo_match: optional(text, 'How names for add-apt-repository look.'),
});

export type CloudApt = Infer<typeof aptShape>;
