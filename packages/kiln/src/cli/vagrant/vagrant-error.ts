/**
 * Something that ends a command of `kiln vagrant`. Programs know it by the name of Vagrant's class for it, which stands in
 * the machine-readable line `error-exit`.
 */
export class VagrantError extends Error {
  /** Such as `Vagrant::Errors::MachineNotFound`. */
  readonly className: string;
  readonly hint: string | undefined;

  /** @param name of a class of `Vagrant::Errors`, or a whole one with `::` */
  constructor(name: string, message: string, hint?: string) {
    super(message);
    this.name = 'VagrantError';
    this.className = name.includes('::') ? name : `Vagrant::Errors::${name}`;
    this.hint = hint;
  }
}
