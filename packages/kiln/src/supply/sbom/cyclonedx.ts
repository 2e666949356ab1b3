import { kilnVersion } from '../../base/version.ts';
import type { DescribedFile, DescribedPackage, SystemDescription } from './describe-system.ts';
import { documentText, timeText } from './json-text.ts';
import { licenseExpression } from './license-expression.ts';
import { sourcePackageUrl } from './package-url.ts';

const imageRef = 'image';

/**
 * The description as a CycloneDX BOM, version 1.6, in JSON (cyclonedx.org/docs/1.6/json). Files are parts of the package
 * that owns them; those that nobody owns stand beside the packages.
 */
export function cyclonedxDocument(system: SystemDescription): string {
  const refs = packageRefs(system.packages);
  return documentText({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(system.digest)}`,
    version: 1,
    metadata: {
      timestamp: timeText(system.created),
      tools: { components: [{ type: 'application', name: 'kiln', version: kilnVersion }] },
      component: {
        type: 'operating-system',
        'bom-ref': imageRef,
        name: system.name,
        ...(system.os.version && { version: system.os.version }),
        description: system.os.prettyName,
      },
      ...(system.gaps.length > 0 && {
        properties: system.gaps.map((value) => ({ name: 'kiln:gap', value })),
      }),
    },
    components: [
      ...system.packages.map((one, at) => packageComponent(system, one, refs[at]!)),
      ...system.unowned.map(fileComponent),
    ],
    dependencies: [
      { ref: imageRef, dependsOn: refs },
      ...system.packages.map(({ needs }, at) => ({
        ref: refs[at]!,
        dependsOn: needs.map((need) => refs[need]!),
      })),
    ],
  });
}

function packageComponent(system: SystemDescription, one: DescribedPackage, ref: string): object {
  const { name, version, maintainer, homepage, summary, source } = one.package;
  const licenses = licensesOf(one);
  const url = one.archive?.urls[0];
  return {
    type: 'library',
    'bom-ref': ref,
    ...(maintainer && { publisher: maintainer }),
    name,
    version,
    ...(summary && { description: summary }),
    ...(one.archive && { hashes: [{ alg: 'SHA-256', content: one.archive.sha256 }] }),
    ...(licenses && { licenses }),
    purl: one.purl,
    ...((homepage || url) && {
      externalReferences: [
        ...(homepage ? [{ type: 'website', url: homepage }] : []),
        ...(url ? [{ type: 'distribution', url }] : []),
      ],
    }),
    ...(one.files.length > 0 && { components: one.files.map(fileComponent) }),
    properties: [
      { name: 'kiln:source:name', value: source.name },
      { name: 'kiln:source:version', value: source.version },
      { name: 'kiln:source:purl', value: sourcePackageUrl(one.package, system.os) },
    ],
  };
}

function fileComponent({ path, digests }: DescribedFile): object {
  return {
    type: 'file',
    name: path,
    hashes: [
      { alg: 'SHA-1', content: digests.sha1 },
      { alg: 'SHA-256', content: digests.sha256 },
    ],
  };
}

/** Either one expression, or one identifier of SPDX's list: the format knows both apart. */
function licensesOf({ package: { licenses } }: DescribedPackage): object[] | undefined {
  const license = licenseExpression(licenses);
  if (!license) return undefined;
  const { expression, isId, references } = license;
  const name = references.get(expression);
  if (isId) return [{ license: { id: expression } }];
  return name === undefined ? [{ expression }] : [{ license: { name } }];
}

/** A package's URL is its reference; a second package with the same one is told apart by its place. */
function packageRefs(packages: readonly DescribedPackage[]): string[] {
  const seen = new Map<string, number>();
  return packages.map(({ purl }) => {
    const before = seen.get(purl) ?? 0;
    seen.set(purl, before + 1);
    return before === 0 ? purl : `${purl}#${before + 1}`;
  });
}

/** A UUID of version 8 (RFC 9562), which is for values that are made in ways of one's own. */
function uuidOf(digest: string): string {
  const variant = ((Number.parseInt(digest[16]!, 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
