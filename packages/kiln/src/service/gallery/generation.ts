import type { ImageRecord } from '../../store/image-record.ts';
import { ServiceError } from '../service-error.ts';

/** An image's own generation, where it is known, must be the definition's. @throws ServiceError 409 */
export function demandGeneration({ firmware }: ImageRecord, generation: unknown, what: string): void {
  const needed = generation === 'V2' ? 'efi' : 'bios';
  if (firmware.length === 0 || firmware.includes(needed)) return;
  throw new ServiceError(
    409,
    'Conflict',
    `the image boots by ${firmware.join(' and ')}, and ${what} is of hyperVGeneration ${String(generation)}, which boots by ${needed}`,
  );
}
