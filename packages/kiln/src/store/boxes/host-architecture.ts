const names: Partial<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'i386',
  arm64: 'arm64',
  arm: 'arm',
  ppc64: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
};

/** This host's architecture as boxes name it. */
export function hostArchitecture(): string {
  return names[process.arch] ?? process.arch;
}
