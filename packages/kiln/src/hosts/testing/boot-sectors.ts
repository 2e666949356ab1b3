/** The smallest guests there are: boot sectors for BIOS machines. Each is a whole disk. */

/** Turns the machine off by ACPI: SLP_EN to the PM1a control register, where SeaBIOS puts it on the machine `pc`. */
const turnOff = 'ba0406 b80020 ef f4 ebfd';

/** A disk that turns its machine off as soon as it is started. */
export const turnOffDisk = (): Buffer => disk(turnOff);

/** A disk whose machine waits for ever. */
export const idleDisk = (): Buffer => disk('fa f4 ebfd');

/**
 * A disk that writes what is typed to the first serial port, after a `>` when it is ready, and turns its machine off
 * after the Enter key: `>` to 0x3f8, then int 0x16 into al, out to 0x3f8, until al is 13.
 */
export const echoDisk = (): Buffer => disk(`${prompt} 31c0 cd16 ee 3c0d 75f7 ${turnOff}`);

/** Like `echoDisk`, but counts to five million after each key. */
export const slowEchoDisk = (): Buffer =>
  disk(`${prompt} 31c0 cd16 ee 66b9404b4c00 67e2fd 3c0d 75ee ${turnOff}`);

/** A disk whose machine writes a sector of it and then waits for ever: int 0x13, function 3, sector 2 of the first disk. */
export const writingDisk = (): Buffer => disk('31c0 8ec0 b80103 b90200 ba8000 bb0080 cd13 f4 ebfd');

const prompt = 'baf803 b03e ee';

function disk(code: string): Buffer {
  // 1 MiB, because QEMU finds no sensible geometry for less.
  const bytes = Buffer.alloc(1 << 20);
  bytes.write(code.replaceAll(' ', ''), 0, 'hex');
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}
