import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parseGemRequirement } from './gem-requirement.ts';
import { bumpOf, compareGemVersions, isPrerelease, parseGemVersion, releaseOf } from './gem-version.ts';

const versions = [
  ...[
    '0',
    '1',
    '1.0',
    '1.0.0',
    '1.0.1',
    '1.0.a',
    '1.0.a.0',
    '1.0.a.2',
    '1.0.b1',
    '1.0.rc1',
    '1.0-beta',
    '1.0-beta.2',
  ],
  ...[
    '1.0-rc.1-x',
    '1.1',
    '1.1.0.pre',
    '1.10',
    '1.9',
    '2',
    '2.0.0.rc2',
    '2.0.0.rc10',
    '20231212.1.0',
    '202312121212121212123.0',
  ],
  ...['0.0.a', '5.3.1', '5.3.1.b.2', '5', '1.a', '1.A', '3.4.5.6.7', '01.02', ' 1.2 ', ''],
];
const wrong = ['v1', '1..2', '1.2-', 'a', '1_0', '1.0 beta', '-1', '1,2', '1.0+x'];
const constraints = [
  ...[
    '= 1.0',
    '1.0',
    '!= 1',
    '> 1.0',
    '>= 1.0.a',
    '< 1.1',
    '<= 1.0',
    '~> 1.0',
    '~>1.0.0',
    '~> 1',
    '~> 5.3.1.b',
    '~> 1.0.a',
  ],
  ...['>= 1, < 2', '>1.0,!= 1.1', '~> 0', '>= 0', '> 1.0, ', ''],
];
const wrongConstraints = ['=> 1', '~ 1', '>= ', ', > 1', '^1', '>= 1 < 2', '==1'];

function order(): string[] {
  const parsed = versions.map((text) => parseGemVersion(text)!);
  return parsed.map((one) => parsed.map((other) => Math.sign(compareGemVersions(one, other))).join(' '));
}

test('constraints read as people write them', () => {
  const allowed = (constraint: string) =>
    ['0.9', '1.0', '1.2', '1.2.9', '1.9', '2.0'].filter((text) =>
      parseGemRequirement(constraint).allows(parseGemVersion(text)!),
    );
  assert.deepEqual(allowed('~> 1.2'), ['1.2', '1.2.9', '1.9']);
  assert.deepEqual(allowed('~> 1.2, < 1.9'), ['1.2', '1.2.9']);
  assert.deepEqual(allowed('1.0.0'), ['1.0']);
  assert.throws(() => parseGemRequirement('=> 1'), {
    code: 'bad-usage',
    message: '"=> 1" is no constraint on versions',
  });
});

test('versions are compared, and constraints met, as RubyGems does it', (t) => {
  const script = `
    require "rubygems"; require "json"
    input = JSON.parse(STDIN.read)
    versions = input["versions"].map { |v| Gem::Version.new(v) }
    verdict = lambda do |text|
      begin
        list = text.split(",").map { |part| Gem::Requirement.new(part.strip) }
        versions.map { |v| list.all? { |r| r.satisfied_by?(v) } }
      rescue Gem::Requirement::BadRequirementError
        "refused"
      end
    end
    puts JSON.generate({
      order: versions.map { |a| versions.map { |b| a <=> b }.join(" ") },
      prerelease: versions.map { |v| v.prerelease? ? true : false },
      release: versions.map { |v| v.release.to_s },
      bump: versions.map { |v| v.bump.to_s },
      wrong: input["wrong"].map { |v| Gem::Version.correct?(v) ? true : false },
      constraints: input["constraints"].map(&verdict) })`;
  let output: string;
  try {
    output = execFileSync('ruby', ['-e', script], {
      input: JSON.stringify({ versions, wrong, constraints: [...constraints, ...wrongConstraints] }),
      encoding: 'utf8',
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return t.skip('there is no ruby here');
    throw error;
  }
  const theirs = JSON.parse(output) as Record<string, unknown>;
  const parsed = versions.map((text) => parseGemVersion(text)!);
  const verdict = (text: string) => {
    try {
      const requirement = parseGemRequirement(text);
      return parsed.map((version) => requirement.allows(version));
    } catch {
      return 'refused';
    }
  };
  assert.deepEqual(
    {
      order: order(),
      prerelease: parsed.map(isPrerelease),
      release: parsed.map((one) => releaseOf(one).text),
      bump: parsed.map((one) => bumpOf(one).text),
      wrong: wrong.map((text) => parseGemVersion(text) !== undefined),
      constraints: [...constraints, ...wrongConstraints].map(verdict),
    },
    theirs,
  );
});
