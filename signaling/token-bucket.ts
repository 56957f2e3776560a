/** A token bucket with time passed in. Burst says how much at once, perSecond how much for ever. */

/** `burst` tokens at most, `perSecond` of them coming back every second. Both above 0. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** The tokens left at a local monotonic time in milliseconds. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** A full bucket. */
export function fullBucket(rate: Rate, now: number): Bucket {
  return { tokens: rate.burst, at: now };
}

/** Takes `amount` tokens if they are there; otherwise takes none and answers false. A clock that steps back adds nothing. */
export function draw(bucket: Bucket, rate: Rate, amount: number, now: number): boolean {
  refill(bucket, rate, now);
  if (bucket.tokens < amount) return false;
  bucket.tokens -= amount;
  return true;
}

/** Whether nothing remains to be remembered about this bucket. */
export function isFull(bucket: Bucket, rate: Rate, now: number): boolean {
  refill(bucket, rate, now);
  return bucket.tokens >= rate.burst;
}

function refill(bucket: Bucket, rate: Rate, now: number): void {
  const elapsed = Math.max(0, now - bucket.at);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsed * rate.perSecond) / 1000);
  bucket.at = Math.max(bucket.at, now);
}
