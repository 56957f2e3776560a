/** Checks signatures beside the page's thread (verify-desk.ts), by the same rules. */
import { createVerifier } from './crypto.ts';
import { unpackChecks, type VerifyAnswer, type VerifyRequest } from './verify-message.ts';

const verifier = createVerifier();

const answer = (message: VerifyAnswer): void => {
  postMessage(message);
};

addEventListener('message', (event: MessageEvent<VerifyRequest>) => {
  const { id, checks } = event.data;
  const unpacked = unpackChecks(checks);
  if (unpacked === undefined) answer({ id, hold: false });
  else void verifier.verifyAll(unpacked).then((hold) => answer({ id, hold }));
});

answer('ready');
