import type { SourceLocation } from '../../../base/errors.ts';
import type { ImageRef } from '../../../plan/image-ref.ts';
import type { Catalogue, ImageLogin } from '../catalogue/catalogue.ts';
import type { JsonPath } from '../model/fault.ts';
import type { GalleryView } from './gallery-view.ts';

/** Takes what there is to say about a template while it is planned. */
export interface PlanProblems {
  error(at: SourceLocation, message: string, hint?: string): void;
  warning(at: SourceLocation, message: string, hint?: string): void;
}

/** What a template is planned with. */
export interface PlanContext {
  /**
   * Folder that paths of scripts and files start from, for those who run their own template. Undefined: files of this
   * host are refused, and only addresses taken.
   */
  readonly folder?: string;
  readonly catalogue: Catalogue;
  /** Starts from this, whatever the template says. */
  readonly sourceImage?: { readonly image: ImageRef; readonly login: ImageLogin };
  readonly gallery: GalleryView;
  /** Names of images that other templates of the same file make. */
  readonly madeHere?: ReadonlySet<string>;
  /** Machines are not made larger than this. Memory in bytes. */
  readonly host: { readonly cpus: number; readonly memory: number };
  readonly problems: PlanProblems;
}

/** The same, of one template. */
export interface TemplateContext extends PlanContext {
  readonly name: string;
  /** Folder that disk files are written into. */
  readonly outputFolder: string;
  readonly at: (path: JsonPath) => SourceLocation;
}
