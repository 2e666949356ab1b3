/** Hands out the clusters of a new file, from its start to its end, and counts how often each is referred to. */
export class ClusterAllocator {
  readonly clusterSize: number;
  #next = 0;
  #packedEnd = 0;
  #counts = new Uint16Array(1024);

  constructor(clusterSize: number) {
    this.clusterSize = clusterSize;
  }

  /** Clusters handed out so far: the file has no others. */
  get clusters(): number {
    return this.#next;
  }

  /** How often each of them is referred to. */
  get counts(): Uint16Array {
    return this.#counts.subarray(0, this.#next);
  }

  /** Place of so many clusters next to each other. Bytes. */
  allocate(clusters: number): number {
    const first = this.#next;
    this.#next += clusters;
    if (this.#next > this.#counts.length) {
      const larger = new Uint16Array(Math.max(this.#next, 2 * this.#counts.length));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#counts.fill(1, first, this.#next);
    return first * this.clusterSize;
  }

  /**
   * Place of compressed bytes: right behind those before, if these clusters have room or the next ones are free. Bytes.
   */
  allocatePacked(length: number): number {
    const { clusterSize } = this;
    const roomEnd = Math.ceil(this.#packedEnd / clusterSize) * clusterSize;
    const goesOn = this.#packedEnd + length <= roomEnd || roomEnd === this.#next * clusterSize;
    const place = goesOn && this.#packedEnd < roomEnd ? this.#packedEnd : this.#next * clusterSize;
    const end = place + length;
    const shared = place % clusterSize === 0 ? -1 : Math.floor(place / clusterSize);
    const missing = Math.ceil(end / clusterSize) - this.#next;
    if (missing > 0) this.allocate(missing);
    if (shared >= 0) this.#counts[shared]!++;
    this.#packedEnd = end;
    return place;
  }
}
