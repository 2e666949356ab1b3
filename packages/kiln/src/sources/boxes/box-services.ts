import type { EmitEvent } from '../../base/events.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { type VagrantHome, vagrantHome } from '../../store/boxes/vagrant-home.ts';
import { type DownloadTiming, usualTiming } from '../download.ts';
import { HttpAgents } from '../http-agents.ts';

/** What work on boxes needs. */
export interface BoxServices {
  /** `$KILN_HOME`: for what is under way. */
  readonly home: string;
  readonly boxes: VagrantHome;
  /** Has VAGRANT_SERVER_URL, the tokens, and the proxies. */
  readonly env: NodeJS.ProcessEnv;
  readonly emit: EmitEvent;
  /** Name in front of what is told. */
  readonly build?: string;
  readonly signal: AbortSignal;
  readonly timing: DownloadTiming;
}

export function boxServices(
  services: Omit<BoxServices, 'boxes' | 'timing'> & { readonly timing?: DownloadTiming },
): BoxServices {
  return { timing: usualTiming, ...services, boxes: vagrantHome(services.env) };
}

export function tellAboutBox(
  { emit, build }: Pick<BoxServices, 'emit' | 'build'>,
  level: 'info' | 'warning',
  text: string,
): void {
  emit({ kind: 'message', ...(build !== undefined && { build }), level, text });
}

/** Does something over connections that are secured as asked for. @throws KilnError `file-missing` */
export async function withConnections<T>(
  { env }: Pick<BoxServices, 'env'>,
  download: BoxDownload,
  work: (agents: HttpAgents) => Promise<T>,
): Promise<T> {
  const agents = await HttpAgents.open({
    env,
    connections: 4,
    ...(download.insecure && { insecure: true }),
    ...(download.caFile !== undefined && { authorities: download.caFile }),
    ...(download.caFolder !== undefined && { authoritiesFolder: download.caFolder }),
    ...(download.clientCertificate !== undefined && { clientCertificate: download.clientCertificate }),
  });
  try {
    return await work(agents);
  } finally {
    agents.close();
  }
}
