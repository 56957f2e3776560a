/** Whether this browser can run us at all, asked before anything else so that a person gets one clear screen. */
import { ok, refuse, type Result } from '../kernel/result.ts';

/** What stands in the way: a page that was not served securely, or a browser without Ed25519 in WebCrypto or without WebRTC. */
export type PlatformRefusal = 'noSecureContext' | 'noEd25519' | 'noWebRtc';

/** What we can do without, at a price that is told. */
export interface Platform {
  /** false: nothing is kept on this device. A database that is there may still fail to open; openStorage tells. */
  readonly hasIndexedDb: boolean;
  /** false: this tab's keys end with it. */
  readonly hasLocks: boolean;
}

/** The globals that are looked at. */
export interface PlatformScope {
  readonly isSecureContext?: boolean;
  readonly crypto?: { readonly subtle?: Pick<SubtleCrypto, 'generateKey'> };
  readonly RTCPeerConnection?: unknown;
  readonly indexedDB?: unknown;
  readonly navigator?: { readonly locks?: unknown };
}

/** Looks at the platform; makes a real key, because only that tells whether Ed25519 is there. */
export async function checkPlatform(scope: PlatformScope): Promise<Result<Platform, PlatformRefusal>> {
  const subtle = scope.crypto?.subtle;
  if (scope.isSecureContext !== true || subtle === undefined) return refuse('noSecureContext');
  if (!(await canMakeKeys(subtle))) return refuse('noEd25519');
  if (typeof scope.RTCPeerConnection !== 'function') return refuse('noWebRtc');
  return ok({ hasIndexedDb: hasIndexedDb(scope), hasLocks: scope.navigator?.locks !== undefined });
}

async function canMakeKeys(subtle: Pick<SubtleCrypto, 'generateKey'>): Promise<boolean> {
  try {
    await subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return true;
  } catch {
    return false;
  }
}

/** Reading the global throws where the person has forbidden storage to this site. */
function hasIndexedDb(scope: PlatformScope): boolean {
  try {
    return scope.indexedDB !== undefined && scope.indexedDB !== null;
  } catch {
    return false;
  }
}
