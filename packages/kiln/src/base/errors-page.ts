import { errorSummaries } from './error-codes.ts';

/** docs/errors.md, made from the table of error codes. */
export function errorDocsPage(): string {
  const rows = Object.entries(errorSummaries).map(([code, summary]) => `| \`${code}\` | ${summary} |`);
  return `# Errors

<!-- Made from packages/kiln/src/base/error-codes.ts by \`node scripts/generate.ts\`. -->

Every error has a code, which \`--json\` shows. Codes are stable: scripts may test for them.

| code | meaning |
|---|---|
${rows.join('\n')}
`;
}
