/** The version of Packer whose behaviour Kiln follows; what `{{ packer_version }}` says and templates may require. */
export const packerVersion = '1.16.0';
