/**
 * An image template as the service keeps it: names of fields in their one spelling, and nothing that only the service
 * may say. What is optional and was not given is not there; `withDefaults` and the readers of this know the defaults.
 */
export interface ImageTemplate {
  readonly location: string;
  readonly tags?: Texts;
  readonly identity?: TemplateIdentity;
  readonly properties: TemplateProperties;
}

export type Texts = Readonly<Record<string, string>>;

export interface TemplateIdentity {
  readonly type: 'UserAssigned' | 'None';
  /** By ARM id. */
  readonly userAssignedIdentities?: Readonly<Record<string, object>>;
}

export interface TemplateProperties {
  readonly source: TemplateSource;
  readonly customize?: readonly Customizer[];
  readonly validate?: Validation;
  readonly optimize?: Optimization;
  readonly distribute: readonly Distributor[];
  readonly errorHandling?: ErrorHandling;
  /** 0 stands for 240. */
  readonly buildTimeoutInMinutes?: number;
  readonly vmProfile?: VmProfile;
  readonly additionalDataDisks?: readonly { readonly sizeGB?: number }[];
  /** ARM id of a group; empty for one that the service makes. */
  readonly stagingResourceGroup?: string;
  readonly autoRun?: { readonly state?: State };
  readonly managedResourceTags?: Texts;
}

export type State = 'Enabled' | 'Disabled';
export type OnError = 'cleanup' | 'abort';

export type TemplateSource = PlatformImageSource | ManagedImageSource | SharedImageSource;

export interface PlatformImageSource {
  readonly type: 'PlatformImage';
  readonly publisher?: string;
  readonly offer?: string;
  readonly sku?: string;
  readonly version?: string;
  readonly planInfo?: {
    readonly planName: string;
    readonly planProduct: string;
    readonly planPublisher: string;
  };
}

export interface ManagedImageSource {
  readonly type: 'ManagedImage';
  readonly imageId: string;
}

export interface SharedImageSource {
  readonly type: 'SharedImageVersion';
  readonly imageVersionId: string;
}

interface Named {
  readonly name?: string;
}

interface Script {
  readonly scriptUri?: string;
  readonly inline?: readonly string[];
  /** Lower-case hexadecimal; empty for none. */
  readonly sha256Checksum?: string;
}

export interface ShellCustomizer extends Named, Script {
  readonly type: 'Shell';
}

export interface PowerShellCustomizer extends Named, Script {
  readonly type: 'PowerShell';
  readonly runElevated?: boolean;
  readonly runAsSystem?: boolean;
  readonly validExitCodes?: readonly number[];
}

export interface FileCustomizer extends Named {
  readonly type: 'File';
  readonly sourceUri: string;
  readonly sha256Checksum?: string;
  readonly destination: string;
}

export interface WindowsRestartCustomizer extends Named {
  readonly type: 'WindowsRestart';
  readonly restartCommand?: string;
  readonly restartCheckCommand?: string;
  /** A number with a unit, such as `5m`. */
  readonly restartTimeout?: string;
}

export interface WindowsUpdateCustomizer extends Named {
  readonly type: 'WindowsUpdate';
  readonly searchCriteria?: string;
  readonly filters?: readonly string[];
  readonly updateLimit?: number;
}

export type Validator = ShellCustomizer | PowerShellCustomizer | FileCustomizer;
export type Customizer = Validator | WindowsRestartCustomizer | WindowsUpdateCustomizer;

export interface Validation {
  readonly continueDistributeOnFailure?: boolean;
  readonly sourceValidationOnly?: boolean;
  readonly inVMValidations?: readonly Validator[];
}

export interface Optimization {
  readonly vmBoot?: { readonly state?: State };
  readonly workload?: {
    readonly state?: State;
    readonly scriptUri?: string;
    readonly sha256Checksum?: string;
  };
}

interface Distribution {
  /** Unique in a template. */
  readonly runOutputName: string;
  readonly artifactTags?: Texts;
}

export interface ManagedImageDistributor extends Distribution {
  readonly type: 'ManagedImage';
  readonly imageId: string;
  readonly location: string;
}

export interface SharedImageDistributor extends Distribution {
  readonly type: 'SharedImage';
  readonly galleryImageId: string;
  readonly excludeFromLatest?: boolean;
  readonly targetRegions?: readonly TargetRegion[];
  /** The older form of `targetRegions`. */
  readonly replicationRegions?: readonly string[];
  readonly storageAccountType?: StorageAccountType;
  readonly versioning?: Versioning;
  readonly replicationMode?: 'Full' | 'Shallow';
}

export interface VhdDistributor extends Distribution {
  readonly type: 'VHD';
  readonly uri?: string;
}

export type Distributor = ManagedImageDistributor | SharedImageDistributor | VhdDistributor;

export type StorageAccountType = 'Standard_LRS' | 'Standard_ZRS' | 'Premium_LRS';

export interface TargetRegion {
  readonly name: string;
  readonly replicaCount?: number;
  readonly storageAccountType?: StorageAccountType;
}

/** How the number of a new version is found. A `major` of -1 stands for none. */
export type Versioning =
  | { readonly scheme: 'Latest'; readonly major?: number }
  | { readonly scheme: 'Source' };

export interface ErrorHandling {
  readonly onCustomizerError?: OnError;
  readonly onValidationError?: OnError;
}

export interface VmProfile {
  /** Empty for the service's choice. */
  readonly vmSize?: string;
  /** 0 for the source's size. */
  readonly osDiskSizeGB?: number;
  readonly userAssignedIdentities?: readonly string[];
  readonly vnetConfig?: {
    readonly subnetId?: string;
    readonly containerInstanceSubnetId?: string;
    readonly proxyVmSize?: string;
  };
}
