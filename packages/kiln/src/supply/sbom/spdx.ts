import { hash } from 'node:crypto';
import { kilnVersion } from '../../base/version.ts';
import type { DescribedFile, DescribedPackage, SystemDescription } from './describe-system.ts';
import { documentText, timeText } from './json-text.ts';
import { licenseExpression } from './license-expression.ts';
import { sourcePackageUrl } from './package-url.ts';

const none = 'NOASSERTION';
const imageId = 'SPDXRef-Image';

/**
 * The description as an SPDX document, version 2.3, in JSON (spdx.github.io/spdx-spec/v2.3). The image contains the
 * packages and the files that nobody owns, packages contain their files and were generated from source packages.
 */
export function spdxDocument(system: SystemDescription): string {
  const made = new Document(system);
  return documentText({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: system.name,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(system.name)}-${system.digest}`,
    creationInfo: { created: timeText(system.created), creators: [`Tool: kiln-${kilnVersion}`] },
    ...(system.gaps.length > 0 && { comment: system.gaps.join('; ') }),
    packages: made.packages,
    files: made.files,
    hasExtractedLicensingInfos: made.extracted(),
    relationships: made.relationships,
  });
}

class Document {
  readonly packages: object[] = [];
  readonly files: object[] = [];
  readonly relationships: object[] = [];
  readonly #licenses = new Map<string, string>();
  readonly #sources = new Map<string, string>();
  readonly #system: SystemDescription;

  constructor(system: SystemDescription) {
    this.#system = system;
    this.#relate('SPDXRef-DOCUMENT', 'DESCRIBES', imageId);
    this.#addImage();
    const ids = packageIds(system.packages);
    for (const [at, one] of system.packages.entries()) this.#addPackage(one, ids[at]!);
    for (const [at, { needs }] of system.packages.entries())
      for (const need of needs) this.#relate(ids[at]!, 'DEPENDS_ON', ids[need]!);
  }

  #relate(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): void {
    this.relationships.push({ spdxElementId, relationshipType, relatedSpdxElement });
  }

  #addImage(): void {
    const { name, os, unowned } = this.#system;
    this.packages.push({
      name,
      SPDXID: imageId,
      ...(os.version && { versionInfo: `${os.id} ${os.version}` }),
      downloadLocation: none,
      ...verified(unowned),
      primaryPackagePurpose: 'OPERATING_SYSTEM',
      summary: os.prettyName,
    });
    this.#addFiles(unowned, imageId);
  }

  #addPackage(one: DescribedPackage, id: string): void {
    const { manager, name, version, maintainer, homepage, summary, licenses, source } = one.package;
    const license = licenseExpression(licenses);
    for (const [reference, text] of license?.references ?? []) this.#licenses.set(reference, text);
    this.packages.push({
      name,
      SPDXID: id,
      versionInfo: version,
      ...(maintainer && { supplier: agent(maintainer) }),
      downloadLocation: one.archive?.urls[0] ?? none,
      ...verified(one.files),
      ...(one.archive && { checksums: [{ algorithm: 'SHA256', checksumValue: one.archive.sha256 }] }),
      ...(one.archive && { packageFileName: one.archive.urls[0]?.split('/').at(-1) }),
      ...(homepage && isUri(homepage) && { homepage }),
      sourceInfo: `built from ${source.name} ${source.version}, as the ${manager} database says`,
      licenseConcluded: none,
      licenseDeclared: license?.expression ?? none,
      copyrightText: none,
      ...(summary && { summary }),
      externalRefs: [purlReference(one.purl)],
    });
    this.#relate(imageId, 'CONTAINS', id);
    this.#relate(id, 'GENERATED_FROM', this.#sourceId(one));
    this.#addFiles(one.files, id);
  }

  /** Source packages are told once, however many were built from them. */
  #sourceId(one: DescribedPackage): string {
    const purl = sourcePackageUrl(one.package, this.#system.os);
    const known = this.#sources.get(purl);
    if (known) return known;
    const { name, version } = one.package.source;
    const id = `SPDXRef-Source-${tidy(name)}-${hash('sha256', purl).slice(0, 12)}`;
    this.#sources.set(purl, id);
    this.packages.push({
      name,
      SPDXID: id,
      versionInfo: version,
      downloadLocation: none,
      filesAnalyzed: false,
      primaryPackagePurpose: 'SOURCE',
      licenseConcluded: none,
      licenseDeclared: none,
      copyrightText: none,
      externalRefs: [purlReference(purl)],
    });
    return id;
  }

  #addFiles(files: readonly DescribedFile[], owner: string): void {
    for (const { path, digests } of files) {
      const id = `SPDXRef-File-${this.files.length + 1}`;
      this.files.push({
        fileName: `.${path}`,
        SPDXID: id,
        checksums: [
          { algorithm: 'SHA1', checksumValue: digests.sha1 },
          { algorithm: 'SHA256', checksumValue: digests.sha256 },
        ],
        licenseConcluded: none,
        copyrightText: none,
      });
      this.#relate(owner, 'CONTAINS', id);
    }
  }

  extracted(): object[] {
    return [...this.#licenses]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([licenseId, name]) => ({
        licenseId,
        name,
        extractedText: `The packages that name it have its text: ${name}`,
      }));
  }
}

/** Annex: what all files of a package together are known by (7.9 of the specification). */
function verified(files: readonly DescribedFile[]): object {
  if (files.length === 0) return { filesAnalyzed: false };
  const sums = files.map(({ digests }) => digests.sha1).sort();
  return {
    filesAnalyzed: true,
    packageVerificationCode: { packageVerificationCodeValue: hash('sha1', sums.join('')) },
  };
}

function packageIds(packages: readonly DescribedPackage[]): string[] {
  return packages.map(({ package: one, purl }) => {
    const id = `SPDXRef-Package-${tidy(one.name)}`;
    const same = packages.some(({ package: other }) => other !== one && tidy(other.name) === tidy(one.name));
    return same ? `${id}-${hash('sha256', purl).slice(0, 12)}` : id;
  });
}

function tidy(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, '-');
}

function purlReference(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

/** Maintainers of distributions are people and teams; what has no address is taken for a company. */
function agent(maintainer: string): string {
  const match = /^(.*?)\s*<([^>]+)>$/.exec(maintainer);
  if (!match) return `Organization: ${maintainer}`;
  const kind = /\b(team|maintainers?|developers?|group|project|packagers?)\b|@lists\./i.test(maintainer)
    ? 'Organization'
    : 'Person';
  return `${kind}: ${match[1]} (${match[2]})`;
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text);
}
