import assert from 'node:assert/strict';
import { test } from 'node:test';
import { group, identityName, largeBody, smallBody } from '../testing/templates.ts';
import type { ApiVersion } from './api-version.ts';
import { checkImageTemplate } from './check-image-template.ts';
import { patchImageTemplate } from './patch-image-template.ts';
import { withDefaults } from './with-defaults.ts';

function template(body: object) {
  const checked = checkImageTemplate(body);
  assert.ok(checked.valid);
  return checked.template;
}

function patched(body: object, patch: unknown) {
  const result = patchImageTemplate(template(body), patch);
  assert.ok(result.valid, JSON.stringify(result.faults));
  return result.template;
}

function faults(body: object, patch: unknown, apiVersion: ApiVersion = '2025-10-01'): readonly string[] {
  return patchImageTemplate(template(body), patch, { apiVersion }).faults.map(({ message }) => message);
}

test('tags are replaced, the profile is set field by field, and the rest stays', () => {
  const before = template(largeBody());
  const after = patched(largeBody(), {
    tags: { owner: 'ops' },
    properties: { vmProfile: { vmSize: 'Standard_B2s' } },
  });
  assert.deepEqual(after.tags, { owner: 'ops' });
  assert.equal(after.properties.vmProfile?.vmSize, 'Standard_B2s');
  assert.equal(after.properties.vmProfile?.osDiskSizeGB, 40);
  assert.deepEqual(after.properties.customize, before.properties.customize);
  assert.ok(Object.isFrozen(after));
});

test('an identity that is null goes, and others come', () => {
  const other = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/other`;
  const change = { [identityName.toUpperCase()]: null, [other]: {} };
  const { identity } = patched(smallBody(), {
    identity: { type: 'UserAssigned', userAssignedIdentities: change },
  });
  assert.deepEqual(identity, { type: 'UserAssigned', userAssignedIdentities: { [other]: {} } });
  assert.deepEqual(patched(smallBody(), { identity: { type: 'None' } }).identity, { type: 'None' });
  assert.match(
    faults(smallBody(), {
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identityName]: null } },
    })[0]!,
    /names none/,
  );
});

test('a target that is left out is refused, in the words of the service', () => {
  const { distribute } = template(largeBody()).properties;
  assert.deepEqual(faults(largeBody(), { properties: { distribute: [distribute[1]] } }), [
    'Validation failed: Distribute target with Runoutput name versioned not found in the update request. Deleting a distribution target is not allowed.',
  ]);
  const { runOutputName } = distribute[0]!;
  assert.deepEqual(
    faults(largeBody(), {
      properties: { distribute: [{ type: 'SharedImage', runOutputName }, distribute[1]] },
    }),
    ["Validation failed: 'ImageTemplate.properties.distribute[0]': Missing field galleryImageId."],
  );
  const more = { type: 'VHD', runOutputName: 'more' };
  const changed = patched(largeBody(), { properties: { distribute: [...distribute, more] } });
  assert.deepEqual(changed.properties.distribute[2], more);
});

test('what the service says may be sent back', () => {
  const sent = { id: '/x', name: 'web', properties: { provisioningState: 'Succeeded' }, tags: { a: 'b' } };
  assert.deepEqual(patched(smallBody(), sent).tags, { a: 'b' });
});

test('all else cannot be changed', () => {
  assert.match(faults(smallBody(), { location: 'x' })[0]!, /^"location" cannot be changed/);
  assert.match(
    faults(smallBody(), { properties: { customize: [] } })[0]!,
    /^"properties.customize" cannot be changed/,
  );
  assert.match(
    faults(smallBody(), { properties: { vmProfile: {} } }, '2023-07-01')[0]!,
    /^"properties.vmProfile" cannot be changed/,
  );
  assert.deepEqual(faults(smallBody(), { colour: 1 }), ['unknown field "colour"']);
});

test('replies fill in what was not given', () => {
  const { properties } = withDefaults(template(smallBody()));
  assert.deepEqual(properties.distribute[0]!.artifactTags, {});
  assert.deepEqual(properties.vmProfile, { vmSize: '', osDiskSizeGB: 0 });
  assert.equal(properties.buildTimeoutInMinutes, 0);
  assert.equal(properties.stagingResourceGroup, '');
  const old = withDefaults(template(smallBody()), { apiVersion: '2020-02-14' });
  assert.ok(!('stagingResourceGroup' in old.properties));
  assert.equal(withDefaults(template(largeBody())).properties.vmProfile?.osDiskSizeGB, 40);
});
