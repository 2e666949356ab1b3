/** What can be done with Microsoft.VirtualMachineImages, as Azure's own roles name it. */
export const providerOperations = [
  ['register/action', 'Register the provider', 'Subscription'],
  ['unregister/action', 'Unregister the provider', 'Subscription'],
  ['imageTemplates/read', 'Get or list image templates', 'Image template'],
  ['imageTemplates/write', 'Create or change an image template', 'Image template'],
  ['imageTemplates/delete', 'Delete an image template', 'Image template'],
  ['imageTemplates/run/action', 'Build an image of a template', 'Image template'],
  ['imageTemplates/cancel/action', 'End a running build', 'Image template'],
  ['imageTemplates/runOutputs/read', 'Get or list what runs have distributed', 'Run output'],
  ['imageTemplates/triggers/read', 'Get or list triggers', 'Trigger'],
  ['imageTemplates/triggers/write', 'Create or change a trigger', 'Trigger'],
  ['imageTemplates/triggers/delete', 'Delete a trigger', 'Trigger'],
  ['operations/read', 'List what can be done', 'Operation'],
  ['locations/operations/read', 'See how something that takes long stands', 'Operation'],
].map(([name, operation, resource]) => ({
  name: `Microsoft.VirtualMachineImages/${name}`,
  isDataAction: false,
  display: { provider: 'Microsoft VM Image Builder', resource, operation, description: operation },
}));
