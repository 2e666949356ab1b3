import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorDocsPage } from '../packages/kiln/src/base/errors-page.ts';
import { loadAllCommands } from '../packages/kiln/src/cli/commands/table.ts';
import { cliDocsPage } from '../packages/kiln/src/cli/docs-page.ts';
import { kilnJsonSchema } from '../packages/kiln/src/dialects/kiln/published-schema.ts';
import { vagrantfilesDocsPage } from '../packages/kiln/src/dialects/vagrant/docs-page.ts';
import { profileJsonSchema } from '../packages/kiln/src/profile/language/published-schema.ts';

/** Writes the files under docs/ that are made from code. Tests hold that they are current. */
const docs = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
writeFileSync(docs('errors.md'), errorDocsPage());
writeFileSync(docs('cli.md'), cliDocsPage(await loadAllCommands()));
writeFileSync(docs('vagrantfiles.md'), vagrantfilesDocsPage());
writeFileSync(docs('kiln.schema.json'), `${JSON.stringify(kilnJsonSchema(), null, 2)}\n`);
writeFileSync(docs('profile.schema.json'), `${JSON.stringify(profileJsonSchema(), null, 2)}\n`);
const schemas = ['kiln.schema.json', 'profile.schema.json'].map(docs);
execFileSync('biome', ['format', '--write', ...schemas], { stdio: 'inherit' });
