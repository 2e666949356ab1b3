import type { OutputFile } from '../write/output-file.ts';
import type { ClusterAllocator } from './cluster-allocator.ts';

export interface RefcountTable {
  readonly place: number;
  readonly clusters: number;
}

/** Writes how often every cluster is referred to (16 bits each) behind all others, these clusters themselves counted. */
export async function writeRefcounts(
  output: OutputFile,
  allocator: ClusterAllocator,
): Promise<RefcountTable> {
  const { clusterSize } = allocator;
  const perBlock = clusterSize / 2;
  const { blocks, tableClusters } = sizes(allocator.clusters, perBlock, clusterSize);
  const blocksPlace = allocator.allocate(blocks);
  const place = allocator.allocate(tableClusters);
  const table = new DataView(new ArrayBuffer(tableClusters * clusterSize));
  for (let block = 0; block < blocks; block++) {
    const bytes = new DataView(new ArrayBuffer(clusterSize));
    allocator.counts.subarray(block * perBlock, (block + 1) * perBlock).forEach((count, index) => {
      bytes.setUint16(index * 2, count);
    });
    const blockPlace = blocksPlace + block * clusterSize;
    await output.write(new Uint8Array(bytes.buffer), blockPlace);
    table.setBigUint64(block * 8, BigInt(blockPlace));
  }
  await output.write(new Uint8Array(table.buffer), place);
  return { place, clusters: tableClusters };
}

/** The blocks count themselves and the table: the numbers grow until they fit. */
function sizes(clusters: number, perBlock: number, clusterSize: number) {
  let blocks = 0;
  let tableClusters = 0;
  for (;;) {
    const neededBlocks = Math.ceil((clusters + blocks + tableClusters) / perBlock);
    const neededTable = Math.ceil((neededBlocks * 8) / clusterSize);
    if (neededBlocks === blocks && neededTable === tableClusters) return { blocks, tableClusters };
    blocks = neededBlocks;
    tableClusters = neededTable;
  }
}
