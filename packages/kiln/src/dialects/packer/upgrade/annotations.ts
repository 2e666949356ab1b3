/** What `-with-annotations` writes above the parts of a new template. */
export const annotations = {
  file: [
    'Made from a template in JSON. Look through it before you rely on it.',
    '',
    'Blocks may be moved to other files of this folder: every file whose name ends in .pkr.hcl is part of the',
    'template when the folder is built.',
    '',
    'What stands in {{ }} is filled in by the component that it is written for, as before; what stands in ${ } is',
    'worked out by HCL2 first.',
  ].join('\n'),
  packer: 'The plugins that this template uses. `packer init` installs them.',
  variables:
    'Input variables. Everything in a JSON template is a text; give them other types where that is clearer.',
  locals:
    'Values that are worked out once. A variable with null for its default is worked out here unless it is given.',
  sources: 'Sources say what to start from: they are the builders of the JSON template.',
  build: 'A build runs provisioners on what its sources start, and post-processors on what they make.',
} as const;
