/** Replicas of raijin-consensus 0.0.3 in one process. Each has an inbox that it works off in turn: without one it loses messages and stops. */
import { PBFTConsensus, PBFTPhase, ValidatorSet, type ConsensusMessage } from 'raijin-consensus';
import type { Bytes } from '../src/kernel/bytes.ts';

type Block = Parameters<PBFTConsensus['propose']>[0];

interface Replica {
  readonly identity: Bytes;
  readonly engine: PBFTConsensus;
  readonly finalized: Block[];
  /** Hands a message over as coming from `from`. */
  readonly deliver: (from: Bytes, message: ConsensusMessage) => void;
}

/** Who gets what of a message; the peer believes whoever hands it over. */
export type Relay = (from: number, to: number, message: ConsensusMessage) => ConsensusMessage | undefined;

const NO_BYTES: Bytes = new Uint8Array(32);

export class RaijinCommittee {
  readonly #replicas: Replica[] = [];
  #height = 0n;

  constructor(size: number, relay: Relay = (_from, _to, message) => message) {
    const identities = Array.from({ length: size }, (_, seat) => new Uint8Array(32).fill(seat + 1));
    for (const [seat, identity] of identities.entries())
      this.#replicas.push(this.#open(seat, identity, identities, relay));
    for (const { engine } of this.#replicas) engine.start();
  }

  #open(seat: number, identity: Bytes, identities: Bytes[], relay: Relay): Replica {
    let handle: (from: Uint8Array, message: ConsensusMessage) => unknown = () => undefined;
    let inbox = Promise.resolve<unknown>(undefined);
    const deliver = (from: Bytes, message: ConsensusMessage): void => {
      inbox = inbox.then(() => handle(from, message));
    };
    const send = (to: number, message: ConsensusMessage): void => {
      const carried = relay(seat, to, message);
      if (carried !== undefined) this.#replicas[to]?.deliver(identity, carried);
    };
    const finalized: Block[] = [];
    const engine = new PBFTConsensus({
      identity,
      validators: new ValidatorSet(identities),
      transport: {
        broadcast: (message) => {
          for (const to of identities.keys()) if (to !== seat) send(to, message);
        },
        send: (to, message) =>
          send(
            identities.findIndex((each) => each[0] === to[0]),
            message,
          ),
        onMessage: (handler) => (handle = handler),
      },
      // Nothing fails while it is measured, so no timer has to ring.
      timer: { set: () => 0, clear: () => undefined },
      stateMachine: { applyBlock: () => Promise.resolve([]) } as unknown as ConstructorParameters<
        typeof PBFTConsensus
      >[0]['stateMachine'],
      sign: () => Promise.resolve(new Uint8Array(64)),
    });
    engine.onBlockFinalized((block) => finalized.push(block));
    return { identity, engine, finalized, deliver };
  }

  /** The digest covers the header alone, so the operation's bytes stand in for its root. */
  block(operation: Bytes): Block {
    this.#height += 1n;
    return {
      header: {
        number: this.#height,
        parentHash: NO_BYTES,
        stateRoot: NO_BYTES,
        txRoot: operation,
        receiptRoot: NO_BYTES,
        timestamp: 0,
        proposer: NO_BYTES,
      },
      transactions: [],
      signatures: [],
    };
  }

  /** What each replica has finalised. */
  finalized(): readonly (readonly Block[])[] {
    return this.#replicas.map(({ finalized }) => finalized);
  }

  /** Decides one operation, and returns when everybody has finalised it. */
  async decide(operation: Bytes): Promise<void> {
    const due = this.#replicas.map(({ finalized }) => finalized.length + 1);
    await this.#replicas[0]?.engine.propose(this.block(operation));
    const isDone = (): boolean =>
      this.#replicas.every(
        ({ engine, finalized }, at) => finalized.length >= (due[at] ?? 0) && engine.phase === PBFTPhase.Idle,
      );
    for (let turn = 0; !isDone(); turn++) {
      if (turn === MAX_TURNS) throw new Error('raijin-consensus stands still');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Turns of the event loop after which a decision is not coming any more. It takes about ten, and many more while other work keeps the threads that hash busy. */
const MAX_TURNS = 1_000_000;
