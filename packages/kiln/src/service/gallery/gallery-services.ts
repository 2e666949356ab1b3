import type { RouteRequest } from '../http/route.ts';
import type { ImageBytes } from '../regions/image-bytes.ts';
import type { ServiceContext } from '../service-context.ts';

export interface BeginOperation {
  readonly request: RouteRequest;
  readonly location: string;
  /** The resource that changes, as an ARM id. */
  readonly resource: string;
  /** Undefined when everything is done already. With `ends` the resource is gone afterwards. */
  readonly work?: { readonly run: () => Promise<void>; readonly ends?: boolean };
}

/** Starts work that goes on after the reply; gives the headers by which clients follow it. */
export type BeginWork = (operation: BeginOperation) => Promise<Readonly<Record<string, string>>>;

/** What galleries work with. */
export interface GalleryServices {
  readonly context: ServiceContext;
  readonly bytes: ImageBytes;
  readonly begin: BeginWork;
}

/** Versions of Microsoft.Compute's API for galleries and images that clients ask for. */
export const computeVersions: readonly string[] = [
  ...['2018-06-01', '2018-10-01', '2019-03-01', '2019-07-01', '2019-12-01', '2020-06-01', '2020-09-30'],
  ...['2020-12-01', '2021-03-01', '2021-04-01', '2021-07-01', '2021-10-01', '2021-11-01', '2022-01-03'],
  ...['2022-03-01', '2022-03-03', '2022-08-01', '2022-08-03', '2022-11-01', '2023-03-01', '2023-07-01'],
  ...['2023-07-03', '2023-09-01', '2024-03-01', '2024-03-03', '2024-07-01', '2024-11-01', '2025-03-03'],
  ...['2025-04-01'],
];
