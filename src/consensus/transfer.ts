/** Taking the state over that a quorum certifies (section 4.6): the manifest by the certified hash, its pieces by the hashes in it. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import { hashManifest, hashPiece, type Snapshot } from './execution.ts';
import { PIECE_WINDOW } from './limits.ts';
import type { Manifest } from './messages.ts';
import type { Fetch } from './questions.ts';
import type { StableCertificate } from './statements.ts';

export class Transfer {
  #target: StableCertificate | undefined;
  #manifest: Manifest | undefined;
  readonly #pieces = new Map<Hash, Bytes>();
  /** Whether anything came since it was last asked. */
  #hasMoved = false;

  /** The certificate of the state that is being fetched. */
  get target(): StableCertificate | undefined {
    return this.#target;
  }

  /** Fetches the state of `certificate`; pieces that an earlier attempt brought stay useful. */
  begin(certificate: StableCertificate): void {
    if (this.#target?.seq === certificate.seq && this.#target.digest === certificate.digest) return;
    this.#target = certificate;
    this.#manifest = undefined;
    this.#hasMoved = true;
  }

  end(): void {
    this.#target = undefined;
    this.#manifest = undefined;
    this.#pieces.clear();
  }

  /** Whether anything came since the last call. */
  hasMoved(): boolean {
    const hasMoved = this.#hasMoved;
    this.#hasMoved = false;
    return hasMoved;
  }

  /** What to ask for now. */
  missing(): Fetch[] {
    if (this.#target === undefined) return [];
    if (this.#manifest === undefined) return [{ what: 'manifest', digest: this.#target.digest }];
    return this.#manifest.pieces
      .filter((piece) => !this.#pieces.has(piece))
      .slice(0, PIECE_WINDOW)
      .map((piece) => ({ what: 'piece', digest: piece }));
  }

  /** Takes in a manifest; its hash is what a quorum signed, or it is not for us. */
  addManifest(manifest: Manifest): void {
    if (this.#target === undefined || hashManifest(manifest) !== this.#target.digest) return;
    this.#manifest = manifest;
    this.#hasMoved = true;
    const needed = new Set(manifest.pieces);
    for (const piece of [...this.#pieces.keys()]) if (!needed.has(piece)) this.#pieces.delete(piece);
  }

  addPiece(bytes: Bytes): void {
    const hash = hashPiece(bytes);
    if (this.#manifest?.pieces.includes(hash) !== true) return;
    this.#pieces.set(hash, bytes);
    this.#hasMoved = true;
  }

  /** The snapshot, when all of it is here. */
  complete(): Snapshot | undefined {
    if (this.#target === undefined || this.#manifest === undefined) return undefined;
    const pieces: Bytes[] = [];
    for (const hash of this.#manifest.pieces) {
      const piece = this.#pieces.get(hash);
      if (piece === undefined) return undefined;
      pieces.push(piece);
    }
    return { digest: this.#target.digest, manifest: this.#manifest, pieces };
  }
}
